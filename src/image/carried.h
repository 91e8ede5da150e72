#pragma once

#include <map>
#include <string>
#include <string_view>

#include "image/debian.h"
#include "image/system_root.h"

namespace image {

// What lies with a program that has brought its libraries along, as in a Python wheel: they are in
// ../lib, their notices in ../share/doc and ../share/common-licenses, and ../share/packages.tsv
// says of which package each is. On the machine that it was unpacked on, no dpkg knows of them.
struct Carried {
  std::string share;                              // The folder of the notices.
  std::map<std::string, DebianPackage> packages;  // By the paths of the libraries.
};

// Nothing where the program has brought none.
Carried find_carried(const SystemRoot& root, std::string_view program);

// The lines of packages.tsv: the library's name, its package's name, version and architecture, with
// tabs between. A line of another form is passed over.
std::map<std::string, DebianPackage> read_carried(std::string_view text);

}  // namespace image
