#pragma once

#include <string>

#include "base/result.h"
#include "front/access.h"

namespace CLI {
class App;
}  // namespace CLI

namespace cli {

// What `sooth serve` is told of keys and TLS, and who may come without.
struct AccessFlags {
  front::Access::Files files;
  std::string profile = "intermediate";
  std::string client_certificate;  // Empty: required, where authorities are named.
  bool cleartext = false;
  bool open = false;
};

void add_access_options(CLI::App& app, AccessFlags& flags);

// The files that were named, and how they are used.
base::Result<front::Access::Files> read_access_flags(const AccessFlags& flags);

}  // namespace cli
