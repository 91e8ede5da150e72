// A log that cannot be written any more: on a full disk, at the longest that a file may be, into a
// pipe that nobody reads. Whoever asks is answered as before.

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "served.h"

namespace server_fault {
namespace {

// With a log line for each, and spans for a collector that does not exist.
Served::Options logging(const std::string& output) {
  return {.arguments = {"--threads", "2", "--log-requests", "--trace-endpoint",
                        "http://127.0.0.1:9/v1/traces"},
          .output = output};
}

void expect_answers(Served& served) {
  const auto right = right_answers(served.port());
  for (int round = 0; round < 40; ++round) {
    for (int i = 0; i < kRequests; ++i) {
      const auto answer = ask(served.port(), request(i));
      ASSERT_TRUE(answer) << "round " << round;
      EXPECT_EQ(answer->status, 200);
      EXPECT_EQ(answer->body, right[static_cast<std::size_t>(i)]);
    }
  }
  ASSERT_FALSE(served.has_ended());
  EXPECT_EQ(served.stop(), 0);
}

TEST(DiskTest, TheLongestThatAFileMayBe) {
  const Folder folder;
  const std::string log = folder.path("log");
  Served::Options options = logging(log);
  options.limits = {"--fsize=8192"};
  Served served(std::move(options));
  expect_answers(served);
  struct stat found {};
  ASSERT_EQ(::stat(log.c_str(), &found), 0);
  EXPECT_EQ(found.st_size, 8192);
}

TEST(DiskTest, APipeThatNobodyReads) {
  const Folder folder;
  const std::string path = folder.path("pipe");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  Served served(logging(path));
  ::close(reader);
  expect_answers(served);
}

// A file system of 64 KiB in a name space of mounts of our own.
class FullDiskTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("none", folder_.path("").c_str(), "tmpfs", 0, "size=64k") != 0) {
      GTEST_SKIP() << "a full disk wants root: " << std::strerror(errno);
    }
    mounted_ = true;
  }
  void TearDown() override {
    if (mounted_) ::umount2(folder_.path("").c_str(), MNT_DETACH);
  }

  Folder folder_;
  bool mounted_ = false;
};

TEST_F(FullDiskTest, TheLogGoesOnWhenThereIsRoomAgain) {
  const std::string log = folder_.path("log");
  const std::string ballast = folder_.path("ballast");
  std::ofstream(ballast) << std::string(48 << 10, 'x') << std::flush;
  Served served(logging(log));
  const auto right = right_answers(served.port());
  for (int i = 0; i < 400; ++i) {
    const auto answer = ask(served.port(), request(i % kRequests));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, right[static_cast<std::size_t>(i % kRequests)]);
  }
  struct stat full {};
  ASSERT_EQ(::stat(log.c_str(), &full), 0);
  EXPECT_LE(full.st_size, 16 << 10);
  ASSERT_EQ(::unlink(ballast.c_str()), 0);
  for (int i = 0; i < 40; ++i) EXPECT_TRUE(ask(served.port(), request(i % kRequests)));
  EXPECT_EQ(served.stop(), 0);
  struct stat after {};
  ASSERT_EQ(::stat(log.c_str(), &after), 0);
  EXPECT_GT(after.st_size, full.st_size);
}

}  // namespace
}  // namespace server_fault
