#include "image/runtime_files.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "image/carried.h"
#include "image/notices.h"
#include "image/shared_objects.h"
#include "image/test_system.h"

namespace image {
namespace {

RuntimeFiles files_of(const TestFolder& folder, bool on_base = false) {
  const SystemRoot root(folder.path());
  auto files = find_runtime_files(
      {.root = root, .program = "/opt/sooth", .version = "0.1.0", .on_base = on_base});
  EXPECT_TRUE(files.ok()) << files.error().message();
  return files.ok() ? *std::move(files) : RuntimeFiles{};
}

std::string error_of(const TestFolder& folder, const std::string& program = "/opt/sooth") {
  const SystemRoot root(folder.path());
  const auto files = find_runtime_files({.root = root, .program = program, .version = "0.1.0"});
  return files.ok() ? "" : files.error().message();
}

std::vector<std::string> names(const std::vector<Object>& objects) {
  std::vector<std::string> all;
  for (const Object& each : objects) all.push_back(each.name);
  return all;
}

TEST(SharedObjectsTest, FollowsWhatIsNeededWithoutTheLoaderItself) {
  const TestFolder folder;
  make_system(folder);
  const SystemRoot root(folder.path());
  const auto closure = find_closure(root, "/opt/sooth");
  ASSERT_TRUE(closure.ok()) << closure.error().message();
  EXPECT_EQ(names(closure->libraries),
            (std::vector<std::string>{"liba.so.1", "libc.so.6", "libb.so.1"}));
  EXPECT_EQ(closure->interpreter_path, "/lib64/ld.so.2");
  EXPECT_EQ(closure->libraries[0].path, "/usr/lib/x86_64-linux-gnu/liba.so.1.2.3");
}

TEST(SharedObjectsTest, PassesOverObjectsOfOtherMachines) {
  const TestFolder folder;
  make_system(folder);
  folder.write("usr/lib/x86_64-linux-gnu/private/libc.so.6", TestElf{.machine = EM_386}.bytes());
  folder.write("none/libb.so.1", TestElf{.machine = EM_AARCH64}.bytes());
  const SystemRoot root(folder.path());
  const auto closure = find_closure(root, "/opt/sooth");
  ASSERT_TRUE(closure.ok());
  EXPECT_EQ(closure->libraries[2].path, "/usr/lib/x86_64-linux-gnu/private/libb.so.1");
}

TEST(SharedObjectsTest, NamesWhoNeedsWhatIsNowhere) {
  const TestFolder folder;
  make_system(folder);
  std::filesystem::remove(folder.path("usr/lib/x86_64-linux-gnu/private/libb.so.1"));
  EXPECT_EQ(error_of(folder),
            "\"/usr/lib/x86_64-linux-gnu/liba.so.1.2.3\" needs \"libb.so.1\": expected it where "
            "the loader looks, found it nowhere");
  folder.write("opt/path", TestElf{.needed = {"/etc/x.so"}}.bytes());
  EXPECT_EQ(error_of(folder, "/opt/path"),
            "\"/opt/path\": expected names of shared objects, got \"/etc/x.so\"");
  folder.write("opt/alone", TestElf{.interpreter = "/lib64/none"}.bytes());
  EXPECT_EQ(error_of(folder, "/opt/alone"), "interpreter \"/lib64/none\": expected a file");
  EXPECT_EQ(error_of(folder, "/opt/none"), "\"/opt/none\": expected a file");
  folder.write("opt/script", "#!/bin/sh\n");
  EXPECT_EQ(error_of(folder, "/opt/script"), "\"/opt/script\": ELF file: expected an ELF header");
}

TEST(RuntimeFilesTest, HoldsWhatRunsTheProgramAndNothingElse) {
  const TestFolder folder;
  make_system(folder);
  std::vector<std::string> paths;
  for (const auto& [path, file] : files_of(folder).files) {
    // What is compiled in depends on who built the test.
    if (path.substr(0, 14) != "usr/share/doc/" || path.find("lib") != std::string::npos) {
      if (path.find("cli11") == std::string::npos && path.find("eigen") == std::string::npos) {
        paths.push_back(path);
      }
    }
  }
  const std::vector<std::string> expected = {"etc",
                                             "etc/group",
                                             "etc/nsswitch.conf",
                                             "etc/passwd",
                                             "etc/ssl",
                                             "etc/ssl/certs",
                                             "etc/ssl/certs/ca-certificates.crt",
                                             "lib64",
                                             "tmp",
                                             "usr",
                                             "usr/bin",
                                             "usr/bin/sooth",
                                             "usr/lib",
                                             "usr/lib/ssl",
                                             "usr/lib/ssl/cert.pem",
                                             "usr/lib/x86_64-linux-gnu",
                                             "usr/lib/x86_64-linux-gnu/liba.so.1",
                                             "usr/lib/x86_64-linux-gnu/libb.so.1",
                                             "usr/lib/x86_64-linux-gnu/libc.so.6",
                                             "usr/lib64",
                                             "usr/lib64/ld.so.2",
                                             "usr/share",
                                             "usr/share/common-licenses",
                                             "usr/share/common-licenses/LGPL-2.1",
                                             "usr/share/doc",
                                             "usr/share/doc/liba1",
                                             "usr/share/doc/liba1/copyright",
                                             "usr/share/doc/libc6",
                                             "usr/share/doc/libc6/copyright"};
  EXPECT_EQ(paths, expected);
}

TEST(RuntimeFilesTest, GivesEachItsModeAndContent) {
  const TestFolder folder;
  make_system(folder);
  const RuntimeFiles runtime = files_of(folder);
  const auto& files = runtime.files;
  EXPECT_EQ(runtime.architecture, "amd64");
  EXPECT_EQ(files.at("tmp").type, FileType::Folder);
  EXPECT_EQ(files.at("tmp").mode, 01777U);
  EXPECT_EQ(files.at("usr").mode, 0755U);
  EXPECT_EQ(files.at("usr/bin/sooth").mode, 0755U);
  // Stripped of what is not loaded.
  EXPECT_EQ(base::as_text(files.at("usr/bin/sooth").bytes()).find("symbols"), std::string::npos);
  EXPECT_EQ(files.at("lib64").type, FileType::Symlink);
  EXPECT_EQ(files.at("lib64").text, "usr/lib64");
  EXPECT_EQ(files.at("usr/lib64/ld.so.2").mode, 0755U);
  EXPECT_EQ(base::as_text(files.at("usr/lib64/ld.so.2").bytes()), TestElf{}.bytes());
  EXPECT_EQ(files.at("usr/lib/ssl/cert.pem").text, "/etc/ssl/certs/ca-certificates.crt");
  const std::string_view passwd = base::as_text(files.at("etc/passwd").bytes());
  EXPECT_NE(passwd.find("\nsooth:x:65532:65532:"), std::string::npos);
  EXPECT_NE(base::as_text(files.at("etc/group").bytes()).find("sooth:x:65532:\n"),
            std::string::npos);
}

TEST(RuntimeFilesTest, SaysWhoseEverythingIs) {
  const TestFolder folder;
  make_system(folder);
  const RuntimeFiles runtime = files_of(folder);
  const auto has = [&runtime](const RuntimePackage& package) {
    return std::count(runtime.packages.begin(), runtime.packages.end(), package) == 1;
  };
  EXPECT_TRUE(has({"libc6", "2.36-9+deb12u14", "amd64", "usr/share/doc/libc6/copyright"}));
  EXPECT_TRUE(has({"liba1", "1.2.3", "amd64", "usr/share/doc/liba1/copyright"}));
  EXPECT_TRUE(
      has({"ca-certificates", "20230311", "all", "usr/share/doc/ca-certificates/copyright"}));
  EXPECT_TRUE(has({"sooth", "0.1.0", "", "usr/share/doc/sooth/LICENSE"}));
  EXPECT_EQ(runtime.files.at("usr/lib/x86_64-linux-gnu/liba.so.1").package, "liba1");
  EXPECT_EQ(runtime.files.at("usr/lib64/ld.so.2").package, "libc6");
  EXPECT_EQ(runtime.files.at("usr/bin/sooth").package, "sooth");
  // A package that was removed owns nothing any more.
  EXPECT_EQ(runtime.files.at("usr/lib/x86_64-linux-gnu/libb.so.1").package, "");
}

TEST(RuntimeFilesTest, WorksWhereLibIsAFolderOfItsOwnAndWithoutDpkg) {
  const TestFolder folder;
  folder.write("opt/sooth",
               TestElf{.needed = {"libc.so.6"}, .interpreter = "/lib64/ld.so.2"}.bytes());
  folder.write("lib64/ld.so.2", TestElf{}.bytes());
  folder.write("lib64/libc.so.6", TestElf{}.bytes());
  folder.write("etc/pki/tls/certs/ca-bundle.crt", "certificates\n");
  const RuntimeFiles runtime = files_of(folder);
  EXPECT_EQ(runtime.files.at("lib64").type, FileType::Symlink);
  EXPECT_EQ(runtime.files.count("usr/lib64/ld.so.2"), 1U);
  EXPECT_EQ(runtime.files.count("usr/lib64/libc.so.6"), 1U);
  EXPECT_EQ(runtime.files.count("etc/ssl/certs/ca-certificates.crt"), 1U);
  EXPECT_EQ(runtime.files.at("usr/lib64/libc.so.6").package, "");
}

// As a Python wheel does, whose files no dpkg knows.
TEST(RuntimeFilesTest, TakesNoticesFromWhereAProgramHasBroughtThem) {
  const TestFolder folder;
  make_system(folder);
  folder.write("opt/wheel/bin/sooth", TestElf{.needed = {"liba.so.1", "libz.so.1", "libc.so.6"},
                                              .runpath = "$ORIGIN/../lib",
                                              .interpreter = "/lib64/ld.so.2"}
                                          .bytes());
  folder.write("opt/wheel/lib/libz.so.1", TestElf{}.bytes());
  folder.write("opt/wheel/share/packages.tsv",
               "libz.so.1\tzlib1g\t1:1.2.13\tamd64\nlibc.so.6\tother\t1\tamd64\n");
  folder.write("opt/wheel/share/doc/zlib1g/copyright", "see /usr/share/common-licenses/Zlib\n");
  folder.write("opt/wheel/share/common-licenses/Zlib", "zlib's\n");
  const SystemRoot root(folder.path());
  const auto files =
      find_runtime_files({.root = root, .program = "/opt/wheel/bin/sooth", .version = "0.1.0"});
  ASSERT_TRUE(files.ok()) << files.error().message();
  const std::string library = "usr/lib/x86_64-linux-gnu/libz.so.1";
  EXPECT_EQ(files->files.at(library).package, "zlib1g");
  EXPECT_EQ(files->files.at("usr/lib/x86_64-linux-gnu/libc.so.6").package, "libc6");
  EXPECT_EQ(base::as_text(files->files.at("usr/share/common-licenses/Zlib").bytes()), "zlib's\n");
  const RuntimePackage zlib{"zlib1g", "1:1.2.13", "amd64", "usr/share/doc/zlib1g/copyright"};
  EXPECT_NE(std::find(files->packages.begin(), files->packages.end(), zlib), files->packages.end());
}

TEST(CarriedTest, PassesOverLinesOfAnotherForm) {
  const auto read = read_carried(
      "liba.so\ta1\t1.0\tamd64\n\nlibb.so\tb1\n../c\tc1\t1\tamd64\nlibd.so\t.d\t1\tamd64\n"
      "libe.so\te1\t1\tamd64\tmore\nlibf.so\tf1\t2\t");
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(read.at("liba.so"), (DebianPackage{"a1", "1.0", "amd64"}));
  EXPECT_EQ(read.at("libf.so"), (DebianPackage{"f1", "2", ""}));
}

TEST(RuntimeFilesTest, OnABaseEverythingLiesInAFolderOfItsOwn) {
  const TestFolder folder;
  make_system(folder);
  std::filesystem::remove(folder.path("etc/ssl/certs/ca-certificates.crt"));  // Not asked for.
  const RuntimeFiles runtime = files_of(folder, true);
  for (const auto& [path, file] : runtime.files) {
    EXPECT_TRUE(path == "sooth" || path.starts_with("sooth/")) << path;
    EXPECT_NE(file.type, FileType::Symlink) << path;
  }
  EXPECT_EQ(runtime.files.at("sooth/bin/sooth").mode, 0755U);
  EXPECT_EQ(runtime.files.at("sooth/lib/ld.so.2").mode, 0755U);
  for (const char* path : {"sooth/lib/liba.so.1", "sooth/lib/libb.so.1", "sooth/lib/libc.so.6",
                           "sooth/share/doc/libc6/copyright", "sooth/share/doc/sooth/LICENSE",
                           "sooth/share/common-licenses/LGPL-2.1"}) {
    EXPECT_EQ(runtime.files.count(path), 1U) << path;
  }
  EXPECT_EQ(runtime.files.count("sooth/share/doc/ca-certificates/copyright"), 0U);
}

TEST(RuntimeFilesTest, SaysHowItIsStarted) {
  const TestFolder folder;
  make_system(folder);
  EXPECT_EQ(files_of(folder).command, std::vector<std::string>{"/usr/bin/sooth"});
  EXPECT_EQ(files_of(folder, true).command,
            (std::vector<std::string>{"/sooth/lib/ld.so.2", "--inhibit-cache", "--library-path",
                                      "/sooth/lib", "/sooth/bin/sooth"}));
}

TEST(RuntimeFilesTest, TakesAStaticProgramAsItIs) {
  const TestFolder folder;
  folder.write("opt/sooth", TestElf{}.bytes());
  folder.write("etc/ssl/certs/ca-certificates.crt", "certificates\n");
  EXPECT_EQ(files_of(folder, true).command, std::vector<std::string>{"/sooth/bin/sooth"});
  const RuntimeFiles runtime = files_of(folder);
  EXPECT_EQ(runtime.files.count("usr/bin/sooth"), 1U);
  EXPECT_EQ(runtime.files.count("lib64"), 0U);
}

TEST(RuntimeFilesTest, AsksForCertificates) {
  const TestFolder folder;
  folder.write("opt/sooth", TestElf{}.bytes());
  EXPECT_EQ(error_of(folder),
            "\"/etc/ssl/certs/ca-certificates.crt\": expected the certificates of authorities; "
            "install \"ca-certificates\"");
}

TEST(NoticesTest, HoldTheProjectsLicenceFirst) {
  ASSERT_FALSE(notices().empty());
  EXPECT_EQ(notices()[0].package, "sooth");
  EXPECT_NE(notices()[0].text.find("Apache License"), std::string_view::npos);
}

}  // namespace
}  // namespace image
