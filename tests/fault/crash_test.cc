// Every operation, in every starting state, is made to go wrong at every call that changes files,
// in every way; then the workspace is opened again and must be whole.

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "facts.h"
#include "program.h"
#include "states.h"

namespace fault {
namespace {

namespace fs = std::filesystem;

constexpr Action kTried[] = {Action::Kill, Action::Tear,   Action::Short,
                             Action::Eio,  Action::Enospc, Action::Full};

bool fits(Action action, Call call) {
  if (action == Action::Tear || action == Action::Short) return call == Call::Write;
  return true;
}

// What is expected of one operation in one state.
struct Case {
  Operation operation;
  std::string root;
  std::string pristine;
  Facts before;
  Facts after;
  std::set<std::string> files_before;  // Once garbage is collected.
  std::set<std::string> files_after;
};

class CrashTest : public testing::TestWithParam<State> {
 protected:
  // Facts and files of the workspace as it lies there, once its garbage is gone; adds to
  // `problems` whatever is not as it should be.
  static std::pair<Facts, std::set<std::string>> look(const std::string& root,
                                                      std::string& problems) {
    const auto workspace = open_workspace(root, problems);
    if (!workspace) return {};
    if (workspace->index_problem()) problems += workspace->index_problem()->message() + "\n";
    Facts facts = read_facts(*workspace, problems);
    const auto health = workspace->examine([](std::uint64_t) {});
    if (!health.ok()) {
      problems += "examine: " + health.error().message() + "\n";
    } else {
      for (const std::string& each : health->problems) problems += "examine: " + each + "\n";
      if (health->index_repaired) problems += "index.json was wrong after opening\n";
    }
    const auto garbage = workspace->collect(false);
    if (!garbage.ok()) problems += "collect: " + garbage.error().message() + "\n";
    return {std::move(facts), files_of(root)};
  }

  void try_operation(const Operation& operation);
  void try_point(const Case& the, Program& program, const Order& order);
  // The workspace after something went wrong, and the operation done again.
  static std::string judge(const Case& the, Program& program, const Order& order,
                           bool acknowledged);

  TemporaryFolder folder_;
  std::map<Action, int> tried_;
  int wrong_ = 0;
};

std::string CrashTest::judge(const Case& the, Program& program, const Order& order,
                             bool acknowledged) {
  std::string problems;
  const auto [facts, files] = look(the.root, problems);
  const bool done = facts == the.after;
  if (!done && facts != the.before) problems += "neither before nor after:\n" + to_text(facts);
  if (!done && acknowledged) problems += "acknowledged, but not there\n";
  if (files != (done ? the.files_after : the.files_before)) {
    problems += "files are left or lost:";
    const auto& expected = done ? the.files_after : the.files_before;
    for (const std::string& each : files) {
      if (!expected.contains(each)) problems += " +" + each;
    }
    for (const std::string& each : expected) {
      if (!files.contains(each)) problems += " -" + each;
    }
    problems += "\n";
  }
  if (!problems.empty() || (done && !the.operation.repeats)) return problems;
  // What was done and is there can be done again, whatever went wrong meanwhile.
  if (done && order.action != Action::Kill) return problems;
  if (exit_status(program.run()) != 0) return "done again: " + program.said();
  const auto again = look(the.root, problems);
  if (again.first != the.after) problems += "done again:\n" + to_text(again.first);
  return problems;
}

void CrashTest::try_point(const Case& the, Program& program, const Order& order) {
  copy_workspace(the.pristine, the.root);
  const Outcome& outcome = program.run(order);
  if (!outcome.fired) return;
  ++tried_[order.action];
  const int status = exit_status(outcome);
  const std::string said = program.said();
  std::string problems;
  if (status > 100) problems = fmt::format("it ended with {}\n", status);
  problems += judge(the, program, order, status == 0);
  if (problems.empty()) return;
  ++wrong_;
  const Call call = outcome.kinds[std::min<std::int64_t>(order.at, kKindsMax) - 1];
  ADD_FAILURE() << GetParam().name << ", " << the.operation.name << ", " << name_of(order.action)
                << " at call " << order.at << " (" << name_of(call) << "), exit " << status << " "
                << said << problems;
}

void CrashTest::try_operation(const Operation& operation) {
  Case the{.operation = operation,
           .root = folder_.path() + "/workspace",
           .pristine = folder_.path() + "/pristine"};
  Program program(in(the.root, operation.arguments), the.root, folder_.path());
  std::string problems;
  // Where there is nothing yet, nothing or an empty workspace may be found.
  copy_workspace(the.pristine, the.root);
  std::tie(the.before, the.files_before) = look(the.root, problems);
  copy_workspace(the.pristine, the.root);
  const Outcome whole = program.run();
  ASSERT_EQ(exit_status(whole), 0) << program.said();
  std::tie(the.after, the.files_after) = look(the.root, problems);
  ASSERT_EQ(problems, "");
  ASSERT_LE(whole.calls, kKindsMax);

  tried_.clear();
  for (const Action action : kTried) {
    for (std::int64_t at = 1; at <= whole.calls && wrong_ < 5; ++at) {
      if (fits(action, whole.kinds[at - 1])) try_point(the, program, {.at = at, .action = action});
    }
  }
  std::string line =
      fmt::format("{:<12}{:<20}{:>4} calls:", GetParam().name, operation.name, whole.calls);
  for (const auto& [action, count] : tried_) line += fmt::format("  {} {}", name_of(action), count);
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

TEST_P(CrashTest, LeavesTheWorkspaceWhole) {
  GetParam().make(folder_.path() + "/pristine", folder_.path());
  int all = 0;
  for (const Operation& operation : operations()) {
    const bool has_versions =
        GetParam().name != std::string("Absent") && GetParam().name != std::string("Empty");
    const bool makes = operation.arguments[0] == "register";
    if ((operation.needs_versions && !has_versions) ||
        (!makes && GetParam().name == std::string("Absent"))) {
      continue;
    }
    ASSERT_NO_FATAL_FAILURE(try_operation(operation));
    for (const auto& [action, count] : tried_) all += count;
  }
  fmt::print("{} points tried\n", all);
}

INSTANTIATE_TEST_SUITE_P(From, CrashTest, testing::ValuesIn(states()),
                         [](const auto& from) { return from.param.name; });

}  // namespace
}  // namespace fault
