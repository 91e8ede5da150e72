#include "host/state_folder.h"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "host/keeper_lock.h"
#include "host/replica_log.h"

namespace host {
namespace {

namespace fs = std::filesystem;

class StateFolderTest : public testing::Test {
 protected:
  StateFolderTest() {
    std::string name = testing::TempDir() + "host-state.XXXXXX";
    root_ = ::mkdtemp(name.data());
  }
  ~StateFolderTest() override { fs::remove_all(root_); }

  static std::string read(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  fs::path root_;
};

TEST_F(StateFolderTest, KeepsWhatIsWantedAndHowItIs) {
  const StateFolder folder(root_, "faq");
  EXPECT_FALSE(folder.find_desired()->has_value());
  ASSERT_TRUE(folder.create().ok());
  const auto spec = deploy::parse_endpoint("e", "name: faq\ndeployments: {blue: {version: 3}}\n");
  ASSERT_TRUE(spec.ok());
  const deploy_local::Desired desired{
      .generation = 1, .port = 8080, .keys = false, .spec = *spec, .previous = {}};
  ASSERT_TRUE(folder.write_desired(desired).ok());
  EXPECT_EQ(**folder.find_desired(), desired);
  const deploy_local::Standing standing{
      .generation = 1, .settled = 1, .deployments = {}, .replicas = {}};
  ASSERT_TRUE(folder.write_standing(standing).ok());
  EXPECT_EQ(**folder.find_standing(), standing);
  EXPECT_EQ(*list_endpoints(root_), std::vector<std::string>{"faq"});
  struct stat about {};
  ASSERT_EQ(::stat(folder.path().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0700U);
  ASSERT_TRUE(folder.remove().ok());
  EXPECT_TRUE(fs::is_empty(root_));
}

TEST_F(StateFolderTest, GivesTheLastLinesOfEachCopy) {
  const StateFolder folder(root_, "faq");
  ASSERT_TRUE(folder.create().ok());
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream(fs::path(folder.logs()) / name) << text;
  };
  write("blue-1.log", "4\n5\n");
  write("blue-1.log.1", "1\n2\n3\n");
  write("blue-1.previous.log", "0\n");
  write("green-1.log", "");
  EXPECT_EQ(*folder.replicas_with_logs(), (std::vector<std::string>{"blue-1", "green-1"}));
  EXPECT_EQ(*folder.log_lines("blue-1", 1, false), "5\n");
  EXPECT_EQ(*folder.log_lines("blue-1", 2, false), "4\n5\n");
  EXPECT_EQ(*folder.log_lines("blue-1", 3, false), "3\n4\n5\n");
  EXPECT_EQ(*folder.log_lines("blue-1", 100, false), "1\n2\n3\n4\n5\n");
  EXPECT_EQ(*folder.log_lines("blue-1", 100, true), "0\n");
  EXPECT_EQ(*folder.log_lines("green-1", 100, false), "");
  EXPECT_EQ(*folder.log_lines("green-1", 100, true), "");
}

TEST_F(StateFolderTest, ALogStaysSmallAndKeepsTheEnd) {
  const std::string path = root_ / "blue-1";
  {
    auto log = ReplicaLog::open(path);
    ASSERT_TRUE(log.ok());
    const std::string line = std::string(1'023, 'x') + "\n";
    const std::size_t lines = 2 * ReplicaLog::kBytesMax / line.size() + 10;
    for (std::size_t i = 0; i < lines; ++i) {
      ASSERT_EQ(::write(log->output(), line.data(), line.size()),
                static_cast<ssize_t>(line.size()));
      log->drain();
    }
    ASSERT_EQ(::write(log->output(), "end\n", 4), 4);
    log->started();
    log->drain();
    EXPECT_TRUE(log->last_words().ends_with("x\nend\n"));
  }
  EXPECT_LE(fs::file_size(path + ".log"), ReplicaLog::kBytesMax);
  EXPECT_LE(fs::file_size(path + ".log.1"), ReplicaLog::kBytesMax);
  EXPECT_TRUE(read(path + ".log").ends_with("end\n"));
  const auto again = ReplicaLog::open(path);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(read(path + ".log"), "");
  EXPECT_TRUE(read(path + ".previous.log").ends_with("end\n"));
  EXPECT_FALSE(fs::exists(path + ".log.1"));
}

// Takes the lock in another process, which holds it until it is told to end.
pid_t hold(const std::string& path) {
  int ends[2];
  EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const pid_t holder = ::fork();
  if (holder == 0) {
    const auto lock = KeeperLock::take(path);
    const char held = lock.ok() && lock->has_value() ? 'y' : 'n';
    if (::write(ends[1], &held, 1) != 1) ::_exit(1);
    ::pause();
    ::_exit(0);
  }
  char held = 'n';
  EXPECT_EQ(::read(ends[0], &held, 1), 1);
  EXPECT_EQ(held, 'y');
  ::close(ends[0]);
  ::close(ends[1]);
  return holder;
}

TEST_F(StateFolderTest, TheLockKnowsItsHolderForAsLongAsThatLives) {
  const std::string path = root_ / "keeper.lock";
  EXPECT_EQ(*find_holder(path), std::nullopt);
  EXPECT_FALSE(*signal_holder(path, SIGTERM));
  const pid_t holder = hold(path);
  EXPECT_EQ(*find_holder(path), holder);
  EXPECT_FALSE(KeeperLock::take(path)->has_value());
  EXPECT_TRUE(*signal_holder(path, SIGTERM));
  int status = 0;
  ASSERT_EQ(::waitpid(holder, &status, 0), holder);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(*find_holder(path), std::nullopt);
  EXPECT_FALSE(*signal_holder(path, SIGTERM));
  EXPECT_TRUE(KeeperLock::take(path)->has_value());
}

}  // namespace
}  // namespace host
