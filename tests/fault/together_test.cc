// Many processes of the real program in one workspace at once.

#include <set>
#include <string>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "facts.h"
#include "judge.h"
#include "states.h"

namespace fault {
namespace {

pid_t start(std::vector<std::string> arguments, const std::string& said) {
  arguments.insert(arguments.begin(), SOOTH_PROGRAM);
  std::vector<char*> words;
  for (std::string& each : arguments) words.push_back(each.data());
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, said.c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0600);
  pid_t pid = -1;
  if (::posix_spawn(&pid, SOOTH_PROGRAM, &actions, nullptr, words.data(), environ) != 0) pid = -1;
  ::posix_spawn_file_actions_destroy(&actions);
  return pid;
}

TEST(TogetherTest, SixteenProcessesLoseNothingAndGiveNoNumberTwice) {
  constexpr int kProcesses = 16;
  constexpr int kRounds = 4;
  const TemporaryFolder folder;
  const std::string root = folder.path() + "/workspace";
  const std::string said = folder.path() + "/said";
  const char* const files[] = {"flowers.joblib", "forest.joblib", "topics.pkl", "boosted.joblib"};
  std::string problems;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<pid_t> all;
    for (int i = 0; i < kProcesses; ++i) {
      // In each round a model of its own file, so that each registration is a new version; some
      // collect garbage meanwhile.
      const std::string model = fmt::format("m{}", (i + round) % kProcesses / 4);
      const std::string file = model_file(files[(i + round) % 4]);
      all.push_back(
          start(in(root, {"register", file, "--name", model, "--alias", "newest"}), said));
      if (i % 4 == 3 && round > 0) all.push_back(start(in(root, {"models", "gc"}), said));
      if (i % 4 == 1 && round > 0) {
        all.push_back(start(in(root, {"models", "alias", "m0:1", "moved"}), said));
      }
    }
    for (const pid_t pid : all) {
      int status = -1;
      ASSERT_EQ(::waitpid(pid, &status, 0), pid);
      EXPECT_EQ(status, 0);
    }
  }
  const auto [facts, names] = look(root, problems);
  EXPECT_EQ(problems, "");
  // Four models of four files each, and no number left out.
  EXPECT_EQ(facts.versions.size(), 16U) << to_text(facts);
  for (int model = 0; model < 4; ++model) {
    for (int number = 1; number <= 4; ++number) {
      EXPECT_TRUE(facts.versions.contains(fmt::format("m{}:{}", model, number)));
    }
  }
  EXPECT_EQ(facts.aliases.size(), 5U);
}

}  // namespace
}  // namespace fault
