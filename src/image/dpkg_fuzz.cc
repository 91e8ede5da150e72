#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <unistd.h>

#include "image/carried.h"
#include "image/debian.h"

// The status file of dpkg and a package's list of files, a zero byte between them, in the folder of
// a system.

namespace {

namespace fs = std::filesystem;

// In memory where there is such a folder: it is written for every input.
class System {
 public:
  System() {
    std::error_code none;
    const fs::path memory = "/dev/shm";
    const bool there = fs::is_directory(memory, none);
    root_ = ((there ? memory : fs::temp_directory_path()) / "sooth-dpkg.XXXXXX").string();
    if (::mkdtemp(root_.data()) == nullptr) std::abort();
    fs::create_directories(root_ + "/var/lib/dpkg/info");
  }
  System(const System&) = delete;
  System& operator=(const System&) = delete;
  ~System() {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }
  void write(const char* name, std::string_view text) const {
    std::ofstream(root_ + "/var/lib/dpkg/" + name, std::ios::binary) << text;
  }
  const std::string& root() const { return root_; }

 private:
  std::string root_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const System system;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(text.find('\0'), text.size());
  system.write("status", text.substr(0, end));
  system.write("info/libc6:amd64.list", text.substr(std::min(end + 1, text.size())));
  for (const auto& [library, package] : image::read_carried(text)) {
    if (library.find('/') != std::string::npos || package.name.empty()) std::abort();
  }
  const image::SystemRoot root(system.root());
  const auto package = image::find_package(root, "libc6");
  for (const auto& [path, owner] : image::find_owners(root, {"/usr/lib/libc.so.6", "/etc/a"})) {
    if (!package || owner.name != "libc6" || owner.architecture != "amd64") std::abort();
  }
  return 0;
}
