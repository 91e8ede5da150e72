// Ten thousand versions: the commands that read them stay quick.

#include <algorithm>
#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "facts.h"
#include "program.h"
#include "states.h"
#include "workspace/change_log.h"
#include "workspace/database.h"

namespace fault {
namespace {

constexpr int kVersions = 10'000;

// Versions of the bytes of m:1, all in one transaction: one by one it would take minutes.
void add_versions(const std::string& root, const base::Digest& digest) {
  const auto database = *workspace::Database::open(root + "/state.db");
  const auto added = database->transact([&]() -> base::Result<void> {
    TRY(database->execute("INSERT INTO model VALUES ('many', " + std::to_string(kVersions) + ")"));
    TRY_ASSIGN(auto insert,
               database->prepare("INSERT INTO version SELECT 'many', ?, digest, manifest_size, "
                                 "size, 7, 'ada', title FROM version WHERE model = 'm' AND "
                                 "number = 1"));
    for (int number = 1; number <= kVersions; ++number) {
      TRY(insert.bind(1, std::int64_t{number}).run());
      TRY(workspace::append(*database, {.at = 7,
                                        .who = "ada",
                                        .action = std::string(workspace::kAddVersion),
                                        .subject = fmt::format("many:{}", number),
                                        .before = "null",
                                        .after = workspace::json_text(digest.text())}));
    }
    return {};
  });
  ASSERT_TRUE(added.ok()) << added.error().message();
}

TEST(ManyTest, TenThousandVersionsAreListedAndShownAtOnce) {
  const TemporaryFolder folder;
  const std::string root = folder.path() + "/workspace";
  states()[2].make(root, folder.path());
  std::string problem;
  const auto workspace = open_workspace(root, problem);
  ASSERT_TRUE(workspace) << problem;
  add_versions(root, workspace->find(*model::Reference::parse("m:1"))->digest);
  // Writes the index anew.
  ASSERT_TRUE(open_workspace(root, problem)) << problem;
  const auto health = workspace->examine([](std::uint64_t) {});
  ASSERT_TRUE(health.ok());
  EXPECT_TRUE(health->problems.empty()) << health->problems[0];
  const std::vector<std::string> commands[] = {{"models", "list"},
                                               {"models", "list", "many"},
                                               {"models", "show", "many:5000"},
                                               {"models", "show", "many"}};
  for (const auto& command : commands) {
    auto best = std::chrono::steady_clock::duration::max();
    for (int i = 0; i < 10; ++i) {
      const auto start = std::chrono::steady_clock::now();
      run(command, root, folder.path());
      best = std::min(best, std::chrono::steady_clock::now() - start);
    }
    fmt::print("{}: {} us, the quickest of 10\n", fmt::join(command, " "),
               std::chrono::duration_cast<std::chrono::microseconds>(best).count());
    // Far above the aim of 50 ms, since others may use the machine.
    EXPECT_LT(best, std::chrono::milliseconds(500));
  }
}

}  // namespace
}  // namespace fault
