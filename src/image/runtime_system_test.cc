// This machine's own files: the test's program, made into a layer, unpacked by GNU tar into an
// empty folder, and started there by a user who owns nothing.
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "image/runtime_layer.h"
#include "image/sbom.h"
#include "image/test_system.h"

#if defined(__SANITIZE_ADDRESS__)
#define PUBLISH_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PUBLISH_SANITIZED 1
#endif
#endif

namespace image {
namespace {

const SystemRoot kThisMachine("/");

RuntimeFiles own_files(bool on_base = false) {
  const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
  auto files = find_runtime_files(
      {.root = kThisMachine, .program = program, .version = "0.1.0", .on_base = on_base});
  EXPECT_TRUE(files.ok()) << files.error().message();
  return files.ok() ? *std::move(files) : RuntimeFiles{};
}

bool has_certificates() {
  return kThisMachine.find_real("/etc/ssl/certs/ca-certificates.crt").has_value() ||
         kThisMachine.find_real("/etc/pki/tls/certs/ca-bundle.crt").has_value();
}

std::string layer_of(const RuntimeFiles& files, oci::Compression compression) {
  std::string blob;
  const auto layer = write_runtime_layer(files, compression, [&blob](base::Bytes part) {
    blob += base::as_text(part);
    return base::Result<void>();
  });
  EXPECT_TRUE(layer.ok()) << layer.error().message();
  return blob;
}

// What the program says to "--gtest_list_tests" with `folder` as its whole world.
int run_inside(const std::string& folder, std::vector<std::string> command) {
  command.emplace_back("--gtest_list_tests");
  std::vector<char*> arguments;
  for (std::string& each : command) arguments.push_back(each.data());
  arguments.push_back(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::chroot(folder.c_str()) != 0 || ::chdir("/") != 0) ::_exit(101);
    if (::setgid(kRuntimeUser) != 0 || ::setuid(kRuntimeUser) != 0) ::_exit(102);
    char* nothing[] = {nullptr};
    ::execve(arguments[0], arguments.data(), nothing);
    ::_exit(103);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 200;
}

// Into the folder "root".
void unpack(const RuntimeFiles& files, const TestFolder& folder) {
  folder.write("layer.tar.gz", layer_of(files, oci::Compression::Gzip));
  std::filesystem::create_directory(folder.path("root"));
  // What is above must let the other user through.
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
  const std::string command =
      "tar -xzf '" + folder.path("layer.tar.gz") + "' -C '" + folder.path("root") + "'";
  ASSERT_EQ(std::system(command.c_str()), 0);
}

TEST(RuntimeSystemTest, RunsInAFolderThatHoldsNothingElse) {
#ifdef PUBLISH_SANITIZED
  GTEST_SKIP() << "sanitizers need /proc";
#endif
  if (!has_certificates()) GTEST_SKIP() << "no certificates of authorities on this machine";
  if (::geteuid() != 0) GTEST_SKIP() << "only root may change the root folder";
  const TestFolder folder;
  const RuntimeFiles files = own_files();
  unpack(files, folder);
  EXPECT_EQ(run_inside(folder.path("root"), files.command), 0);
}

// A base whose libc and loader are no such things.
TEST(RuntimeSystemTest, RunsOnABaseWhateverItsLibcIs) {
#ifdef PUBLISH_SANITIZED
  GTEST_SKIP() << "sanitizers need /proc";
#endif
  if (::geteuid() != 0) GTEST_SKIP() << "only root may change the root folder";
  const TestFolder folder;
  const RuntimeFiles files = own_files(true);
  unpack(files, folder);
  for (const char* name : {"libc.so.6", "libstdc++.so.6", "ld-linux-x86-64.so.2"}) {
    folder.write(std::string("root/usr/lib/x86_64-linux-gnu/") + name, "not a library");
  }
  folder.link("root/lib", "usr/lib");
  folder.link("root/lib64", "usr/lib/x86_64-linux-gnu");
  folder.write("root/etc/ld.so.cache", "not a cache");
  EXPECT_EQ(run_inside(folder.path("root"), files.command), 0);
}

TEST(RuntimeSystemTest, LeavesNoLinkDangling) {
  if (!has_certificates()) GTEST_SKIP() << "no certificates of authorities on this machine";
  const RuntimeFiles runtime = own_files();
  for (const auto& [path, file] : runtime.files) {
    if (file.type != FileType::Symlink) continue;
    const std::string target = file.text.front() == '/' ? file.text.substr(1) : file.text;
    EXPECT_EQ(runtime.files.count(target), 1U) << path << " -> " << file.text;
  }
}

TEST(RuntimeSystemTest, GivesTheSameLayerAndBillTwice) {
  if (!has_certificates()) GTEST_SKIP() << "no certificates of authorities on this machine";
  const RuntimeFiles one = own_files();
  const RuntimeFiles other = own_files();
  EXPECT_TRUE(layer_of(one, oci::Compression::Zstd) == layer_of(other, oci::Compression::Zstd));
  const SbomModel model{.name = "faq", .version = "1", .digest = base::Digest::of("")};
  EXPECT_TRUE(*make_sbom(one, model) == *make_sbom(other, model));
}

}  // namespace
}  // namespace image
