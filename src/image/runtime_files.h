#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"
#include "base/result.h"
#include "image/system_root.h"

namespace image {

// The user that images run as.
inline constexpr std::uint32_t kRuntimeUser = 65532;

enum class FileType : unsigned char { File, Folder, Symlink };

// A path of the image and what lies there.
struct RuntimeFile {
  FileType type = FileType::File;
  std::uint32_t mode = 0644;
  std::string source;                            // Where its bytes come from; empty: made here.
  std::string text;                              // What was made here, or where a link points.
  std::shared_ptr<const base::MappedFile> file;  // Else the bytes.
  std::string package;  // Whose it is, as `RuntimePackage::name`; empty: nobody's.

  base::Bytes bytes() const { return file ? file->bytes() : base::as_bytes(text); }
};

// A work that the image holds a part of, with where its licence lies there.
struct RuntimePackage {
  std::string name;
  std::string version;
  std::string architecture;  // Of a Debian package; empty: it is compiled in, or ours.
  std::string license;       // A path in the image; empty: there is none.
  bool operator==(const RuntimePackage&) const = default;
};

struct RuntimeFiles {
  std::string architecture;                  // "amd64", "arm64"
  std::map<std::string, RuntimeFile> files;  // By path ("usr/bin/sooth"); folders before theirs.
  std::vector<RuntimePackage> packages;      // Sorted by name.
  std::vector<std::string> command;          // What starts the program there.
  std::vector<std::string> environment;      // "NAME=VALUE", which it needs there.
};

struct RuntimeOptions {
  const SystemRoot& root;  // The system whose files are taken.
  std::string program;     // The `sooth` to run, as `root` sees it.
  std::string version;     // Its version.
  bool on_base = false;    // The image has layers of somebody else below.
  // A library that the program opens by itself, in a folder of its own with its notices; empty:
  // none.
  std::string engine = {};
  // A folder beside it with what the library opens in turn, which needs nothing that the library
  // does not need itself; empty, or not there: none.
  std::string engine_folder = {};
};

// Everything a `sooth` program needs in an image that is otherwise empty, and nothing else: itself
// (without symbols) as /usr/bin/sooth, its interpreter, the shared objects it loads, certificates
// of authorities, a user and a group "sooth", /tmp, and the licences of what is inside. No shell,
// no dangling link.
//
// Shared objects lie under the names they are asked for by, in the folder of libc, where the
// loader finds them without a cache. The top folder of the interpreter ("/lib64") is a link into
// /usr, so that the layer also lies on systems that have it so. Name services and DNS are part of
// libc since glibc 2.34, which programs of this compiler need.
//
// A library of an engine lies with the files beside it in /usr/lib/sooth/runtime, in a folder of
// the name that it has here, and what it needs lies with the other shared objects.
// SOOTH_RUNTIME_DIR says so to the program.
//
// Certificates are the system's own, those that were added to it among them.
//
// On a base everything lies in /sooth, a folder that no base has: the program, the loader and the
// shared objects in one place, and the licences. The loader is started by name and told to look
// there alone, so that what libc the base has, or none, does not matter, and no folder, link or
// file of the base is replaced. Users, certificates and name services are then the base's.
base::Result<RuntimeFiles> find_runtime_files(const RuntimeOptions& options);

}  // namespace image
