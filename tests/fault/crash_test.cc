// Every operation, in every starting state, is made to go wrong at every call that changes files,
// in every way; then the workspace is opened again and must be whole.

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "facts.h"
#include "judge.h"
#include "power.h"
#include "program.h"
#include "published.h"
#include "states.h"

namespace fault {
namespace {

constexpr Action kTried[] = {Action::Kill, Action::Tear, Action::Short};
// Errors that a call gives, of which each gets one in turn, as of the kinds of loss below; where
// SOOTH_FAULT is "all" (make fault) each gets all of them.
constexpr Action kErrors[] = {Action::Eio, Action::Enospc, Action::Full};
// What the power may take with it.
constexpr Disk::Loss kLost[] = {Disk::Loss::All, Disk::Loss::Contents, Disk::Loss::Some};
// More of the same tell nothing new.
constexpr int kWrongMax = 5;

bool fits(Action action, Call call) {
  if (action == Action::Tear || action == Action::Short) return call == Call::Write;
  return true;
}

// One operation in one state, and the program that carries it out.
struct Trial {
  const Operation& operation;
  Case the;
  Program& program;
};

class CrashTest : public testing::TestWithParam<State> {
 protected:
  std::string pristine() const { return folder_.path() + "/pristine"; }
  bool suits(const Operation& operation) const;
  void try_operation(const Operation& operation);
  void try_point(const Trial& trial, const Order& order);
  void try_errors(const Trial& trial, std::int64_t calls);
  void try_powerless(const Trial& trial);
  // What is wrong where the operation is done again.
  static std::string repeat(const Trial& trial);
  void note(const std::string& what, const std::string& problems);
  void print(const Operation& operation, std::int64_t calls);

  TemporaryFolder folder_;
  std::map<std::string, int> tried_;
  int all_ = 0;
  int wrong_ = 0;
  unsigned turn_ = 0;  // Of the errors and the kinds of loss.
};

bool CrashTest::suits(const Operation& operation) const {
  const auto& only = operation.only;
  if (only.empty() ? GetParam().alone
                   : std::find(only.begin(), only.end(), GetParam().name) == only.end()) {
    return false;
  }
  if (GetParam().versions > 0) return true;
  return !operation.needs_versions && (GetParam().is_there || operation.makes);
}

std::string CrashTest::repeat(const Trial& trial) {
  if (exit_status(trial.program.run()) != 0) return "done again: " + trial.program.said();
  std::string problems;
  const auto [facts, files] = look(trial.the.root, problems);
  if (facts != trial.the.after) problems += "done again:\n" + to_text(facts);
  return problems;
}

void CrashTest::note(const std::string& what, const std::string& problems) {
  if (problems.empty()) return;
  ++wrong_;
  ADD_FAILURE() << GetParam().name << ", " << what << "\n" << problems;
}

void CrashTest::try_point(const Trial& trial, const Order& order) {
  copy_workspace(pristine(), trial.the.root);
  const Outcome outcome = trial.program.run(order);
  if (!outcome.fired) return;
  ++tried_[name_of(order.action)];
  const int status = exit_status(outcome);
  const std::string said = trial.program.said();
  std::string problems;
  if (status > kStatusMax) problems = fmt::format("it ended with {}\n", status);
  bool done = false;
  problems += judge(trial.the, status == 0, done);
  // What was done and is there can be done again, whatever went wrong meanwhile.
  const bool again = !done || (order.action == Action::Kill && trial.operation.repeats);
  if (problems.empty() && again) problems += repeat(trial);
  const Call call = outcome.kinds[std::min<std::int64_t>(order.at, kKindsMax) - 1];
  note(fmt::format("{}, {} at call {} ({}), exit {} {}", trial.operation.name,
                   name_of(order.action), order.at, name_of(call), status, said),
       problems);
}

void CrashTest::try_errors(const Trial& trial, std::int64_t calls) {
  for (std::int64_t at = 1; at <= calls && wrong_ < kWrongMax; ++at) {
    for (std::size_t kind = 0; kind < std::size(kErrors); ++kind) {
      if (!tries_all() && (static_cast<std::size_t>(at) + turn_) % std::size(kErrors) != kind) {
        continue;
      }
      try_point(trial, {.at = at, .action = kErrors[kind]});
    }
  }
}

// The power goes after each call, and everything that was not synced may be lost.
void CrashTest::try_powerless(const Trial& trial) {
  const std::string& root = trial.the.root;
  copy_workspace(pristine(), root);
  Disk disk(root);
  trial.program.run({.action = Action::Record});
  disk.load(trial.program.log_path());
  bool more = true;
  for (unsigned at = 1; more && wrong_ < kWrongMax; ++at) {
    more = disk.step();
    for (unsigned kind = 0; kind < std::size(kLost); ++kind) {
      if (!tries_all() && (at + turn_) % std::size(kLost) != kind) continue;
      disk.write(root, kLost[kind], at);
      ++tried_["power"];
      bool done = false;
      // The last time, all was done and said.
      note(fmt::format("{}, the power went after call {}, {}", trial.operation.name, at,
                       name_of(kLost[kind])),
           judge(trial.the, !more, done));
    }
  }
  ++turn_;
}

void CrashTest::try_operation(const Operation& operation) {
  Case the{.root = folder_.path() + "/workspace"};
  Program program(in(the.root, operation.arguments), the.root, folder_.path());
  std::string problems;
  copy_workspace(pristine(), the.root);
  std::tie(the.before, the.files_before) = look(the.root, problems);
  copy_workspace(pristine(), the.root);
  const Outcome whole = program.run();
  ASSERT_EQ(exit_status(whole), 0) << program.said();
  std::tie(the.after, the.files_after) = look(the.root, problems);
  ASSERT_EQ(problems, "");
  ASSERT_LE(whole.calls, kKindsMax);

  const Trial trial{operation, std::move(the), program};
  tried_.clear();
  for (const Action action : kTried) {
    for (std::int64_t at = 1; at <= whole.calls && wrong_ < kWrongMax; ++at) {
      if (fits(action, whole.kinds[at - 1])) try_point(trial, {.at = at, .action = action});
    }
  }
  try_errors(trial, whole.calls);
  try_powerless(trial);
  print(operation, whole.calls);
}

void CrashTest::print(const Operation& operation, std::int64_t calls) {
  fmt::print("{:<12}{:<20}{:>4} calls:", GetParam().name, operation.name, calls);
  for (const auto& [what, count] : tried_) {
    fmt::print("  {} {}", what, count);
    all_ += count;
  }
  fmt::print("\n");
  std::fflush(stdout);
}

TEST_P(CrashTest, LeavesTheWorkspaceWhole) {
  GetParam().make(pristine(), folder_.path());
  const Published published(folder_.path());
  for (const Operation& operation : operations(published.image())) {
    if (!suits(operation)) continue;
    ASSERT_NO_FATAL_FAILURE(try_operation(operation));
  }
  fmt::print("{}: {} points tried\n", GetParam().name, all_);
  // All states together try more than 10,000.
  EXPECT_GE(all_, GetParam().points);
}

INSTANTIATE_TEST_SUITE_P(From, CrashTest, testing::ValuesIn(states()),
                         [](const auto& from) { return from.param.name; });

}  // namespace
}  // namespace fault
