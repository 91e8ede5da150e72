#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "image/test_elf.h"

namespace image {

// A folder that goes away with the test.
class TestFolder {
 public:
  TestFolder() {
    std::string path = (std::filesystem::temp_directory_path() / "image.XXXXXX").string();
    path_ = ::mkdtemp(path.data());
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }
  std::string path(std::string_view name) const { return path_ + "/" + std::string(name); }

  void write(std::string_view name, std::string_view text) const {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    std::ofstream(path(name), std::ios::binary) << text;
  }
  void link(std::string_view name, std::string_view target) const {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    std::filesystem::create_symlink(target, path(name));
  }

 private:
  std::string path_;
};

// A system with /lib in /usr, a program that needs two libraries (one of which needs a third by
// its own folder), and dpkg's account of whose they are.
inline void make_system(const TestFolder& root) {
  root.link("lib", "usr/lib");
  root.link("lib64", "usr/lib64");
  root.write("opt/sooth", TestElf{.needed = {"liba.so.1", "libc.so.6", "ld.so.2"},
                                  .interpreter = "/lib64/ld.so.2"}
                              .bytes());
  const std::string libraries = "usr/lib/x86_64-linux-gnu/";
  root.write(libraries + "liba.so.1.2.3", TestElf{.needed = {"libb.so.1", "libc.so.6"},
                                                  .soname = "liba.so.1",
                                                  .runpath = "/none:$ORIGIN/private"}
                                              .bytes());
  root.link(libraries + "liba.so.1", "liba.so.1.2.3");
  root.write(libraries + "private/libb.so.1", TestElf{.needed = {"libc.so.6"}}.bytes());
  root.write(libraries + "libc.so.6", TestElf{.needed = {"ld.so.2"}}.bytes());
  root.write(libraries + "ld.so.2", TestElf{}.bytes());
  root.link("usr/lib64/ld.so.2", "/lib/x86_64-linux-gnu/ld.so.2");
  root.write("etc/ssl/certs/ca-certificates.crt", "certificates\n");
  root.write("var/lib/dpkg/status",
             "Package: libc6\nStatus: install ok installed\nArchitecture: amd64\n"
             "Version: 2.36-9+deb12u14\n\n"
             "Package: liba1\nStatus: install ok installed\nArchitecture: i386\nVersion: 9\n\n"
             "Package: liba1\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.2.3\n\n"
             "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n"
             "Package: ca-certificates\nStatus: install ok installed\nArchitecture: all\n"
             "Version: 20230311\n");
  root.write("var/lib/dpkg/info/libc6:amd64.list",
             "/.\n/lib/x86_64-linux-gnu/libc.so.6\n/lib/x86_64-linux-gnu/ld.so.2\n");
  root.write("var/lib/dpkg/info/liba1:amd64.list", "/usr/lib/x86_64-linux-gnu/liba.so.1.2.3\n");
  root.write("var/lib/dpkg/info/liba1:i386.list", "/usr/lib/i386-linux-gnu/liba.so.1.2.3\n");
  root.write("var/lib/dpkg/info/gone.list", "/usr/lib/x86_64-linux-gnu/private/libb.so.1\n");
  root.write("usr/share/doc/libc6/copyright",
             "LGPL, see /usr/share/common-licenses/LGPL-2.1.\nOr /usr/share/common-licenses/no\n");
  root.write("usr/share/common-licenses/LGPL-2.1", "the LGPL\n");
  root.write("usr/share/doc/liba-base/copyright", "free\n");
  root.link("usr/share/doc/liba1", "liba-base");
  root.write("usr/share/doc/ca-certificates/copyright", "MPL\n");
}

}  // namespace image
