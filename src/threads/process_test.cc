#include "threads/process.h"

#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace threads {
namespace {

using std::chrono::steady_clock;

steady_clock::time_point soon() { return steady_clock::now() + std::chrono::seconds(30); }

ProcessRequest shell(std::string script) {
  return {.program = "/bin/sh", .arguments = {"-c", std::move(script)}};
}

ProcessOutcome run(const ProcessRequest& request) {
  auto outcome = run_process(request, soon());
  EXPECT_TRUE(outcome.ok()) << outcome.error().message();
  return outcome.ok() ? *outcome : ProcessOutcome{};
}

TEST(ProcessTest, GetsItsInputAndGivesItsOutput) {
  ProcessRequest request = shell("cat; echo oops >&2; exit 3");
  request.input = std::string(300'000, 'x');
  const ProcessOutcome outcome = run(request);
  EXPECT_EQ(outcome.status, 3);
  EXPECT_EQ(outcome.output, request.input);
  EXPECT_EQ(outcome.errors, "oops\n");
}

TEST(ProcessTest, PassesArgumentsAsTheyAre) {
  const ProcessOutcome outcome =
      run({.program = "/usr/bin/printf", .arguments = {"%s|%s|%s", "a b", "$(id)", "'; exit 9"}});
  EXPECT_EQ(outcome.output, "a b|$(id)|'; exit 9");
}

TEST(ProcessTest, SeesOnlyTheEnvironmentGiven) {
  ASSERT_EQ(::setenv("SOOTH_PROCESS_TEST", "leaked", 1), 0);
  ProcessRequest request{.program = "/usr/bin/env"};
  EXPECT_EQ(run(request).output, "");
  request.environment = {"A=1", "B=2 3"};
  EXPECT_EQ(run(request).output, "A=1\nB=2 3\n");
}

TEST(ProcessTest, InheritsNoDescriptors) {
  const int opened = ::open("/dev/null", O_RDONLY);
  const int leak = ::fcntl(opened, F_DUPFD, 100);  // Without O_CLOEXEC.
  ::close(opened);
  ASSERT_GE(leak, 100);
  const ProcessOutcome outcome = run(shell("for f in /proc/$$/fd/*; do echo ${f##*/}; done"));
  ::close(leak);
  for (const char* own : {"0\n", "1\n", "2\n"}) {
    EXPECT_NE(outcome.output.find(own), std::string::npos) << outcome.output;
  }
  EXPECT_EQ(outcome.output.find(std::to_string(leak) + "\n"), std::string::npos) << outcome.output;
}

TEST(ProcessTest, ThatReadsNothingIsNoProblem) {
  ProcessRequest request = shell("exec <&-; echo done");
  request.input = std::string(1 << 20, 'x');
  EXPECT_EQ(run(request).output, "done\n");
}

TEST(ProcessTest, IsKilledAtTheDeadline) {
  const auto start = steady_clock::now();
  const auto outcome = run_process(shell("exec sleep 60"), start + std::chrono::milliseconds(50));
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), base::Code::Deadline);
  EXPECT_EQ(outcome.error().message(), "program \"/bin/sh\": deadline exceeded; it was killed");
  EXPECT_LT(steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(ProcessTest, IsKilledWhenItSaysTooMuch) {
  ProcessRequest request = shell("while :; do echo more; done");
  request.output_bytes_max = 1000;
  const auto outcome = run_process(request, soon());
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), base::Code::Exhausted);
}

TEST(ProcessTest, ErrorsAreCutButOutputMayBeAtItsCeiling) {
  ProcessRequest request = shell("printf 1234567890; printf abcdefghijkl >&2");
  request.output_bytes_max = 10;
  const ProcessOutcome outcome = run(request);
  EXPECT_EQ(outcome.output, "1234567890");
  EXPECT_EQ(outcome.errors, "abcdefghij");
}

TEST(ProcessTest, DoesNotWaitForWhatItLeavesBehind) {
  const auto start = steady_clock::now();
  EXPECT_EQ(run(shell("sleep 20 & echo started")).output, "started\n");
  EXPECT_LT(steady_clock::now() - start, std::chrono::seconds(15));
}

TEST(ProcessTest, EndedByASignalHasTheShellsStatus) {
  EXPECT_EQ(run(shell("kill -TERM $$")).status, 128 + SIGTERM);
}

TEST(ProcessTest, StartsWithDefaultSignals) {
  const auto before = ::signal(SIGPIPE, SIG_IGN);
  EXPECT_EQ(run(shell("kill -PIPE $$; echo ignored")).status, 128 + SIGPIPE);
  ::signal(SIGPIPE, before);
}

TEST(ProcessTest, SaysWhatIsMissing) {
  const auto absent = run_process({.program = "/nowhere/at-all"}, soon());
  ASSERT_FALSE(absent.ok());
  EXPECT_EQ(absent.error().code(), base::Code::NotFound);
  EXPECT_EQ(absent.error().message(),
            "program \"/nowhere/at-all\": start: No such file or directory");
  const auto data = run_process({.program = "/etc/passwd"}, soon());
  ASSERT_FALSE(data.ok());
  EXPECT_EQ(data.error().code(), base::Code::Denied);
}

TEST(ProcessTest, IsFoundByName) {
  EXPECT_EQ(find_program("sh", "/nowhere:relative:/bin"), "/bin/sh");
  EXPECT_EQ(find_program("sh", ""), std::nullopt);
  EXPECT_EQ(find_program("no-such-program", "/bin:/usr/bin"), std::nullopt);
  EXPECT_EQ(find_program("passwd", "/etc"), std::nullopt);  // Not executable.
  EXPECT_EQ(find_program("../bin/sh", "/usr"), std::nullopt);
  EXPECT_EQ(find_program("sh", ".:bin"), std::nullopt);
}

}  // namespace
}  // namespace threads
