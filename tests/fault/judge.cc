#include "judge.h"

namespace fault {

std::pair<Facts, std::set<std::string>> look(const std::string& root, std::string& problems) {
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

std::string judge(const Case& the, bool acknowledged, bool& done) {
  std::string problems;
  const auto [facts, files] = look(the.root, problems);
  done = facts == the.after;
  if (!done && facts != the.before) problems += "neither before nor after:\n" + to_text(facts);
  if (!done && acknowledged) problems += "acknowledged, but not there\n";
  const auto& expected = done ? the.files_after : the.files_before;
  if (files == expected) return problems;
  problems += "files are left or lost:";
  for (const std::string& each : files) {
    if (!expected.contains(each)) problems += " +" + each;
  }
  for (const std::string& each : expected) {
    if (!files.contains(each)) problems += " -" + each;
  }
  return problems + "\n";
}

}  // namespace fault
