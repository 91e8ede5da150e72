#include "workspace/workspace.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "oci/descriptor.h"

namespace workspace {
namespace {

namespace fs = std::filesystem;

class WorkspaceTest : public testing::Test {
 protected:
  WorkspaceTest() {
    std::string name = testing::TempDir() + "workspace.XXXXXX";
    root_ = ::mkdtemp(name.data());
  }
  ~WorkspaceTest() override { fs::remove_all(root_); }

  std::unique_ptr<Workspace> open() {
    auto workspace = Workspace::open(
        {.root = root_, .who = "ada", .now = [this] { return ++clock_; }, .create = true});
    EXPECT_TRUE(workspace.ok()) << workspace.error().message();
    return *std::move(workspace);
  }

  // A version of one layer holding `content`.
  static NewVersion make(Workspace& workspace, const std::string& model,
                         const std::string& content) {
    const auto held = workspace.hold();
    EXPECT_TRUE(held.ok());
    const oci::Layout& layout = workspace.layout();
    const oci::Stored layer = *layout.put(content);
    const oci::Stored config = *layout.put("{\"of\":\"" + content + "\"}");
    oci::Manifest manifest;
    manifest.config.media_type = oci::kConfigType;
    manifest.config.digest = config.digest;
    manifest.config.size = config.size;
    manifest.layers.push_back(manifest.config);
    manifest.layers[0].media_type = oci::kLayerType;
    manifest.layers[0].digest = layer.digest;
    manifest.layers[0].size = layer.size;
    const oci::Stored stored = *layout.put(manifest.json());
    return {.model = model,
            .digest = stored.digest,
            .manifest_size = stored.size,
            .size = stored.size + layer.size + config.size,
            .title = "tree.DecisionTreeClassifier",
            .labels = {},
            .alias = ""};
  }
  static Version add(Workspace& workspace, const std::string& model, const std::string& content) {
    auto added = workspace.add(make(workspace, model, content));
    EXPECT_TRUE(added.ok()) << added.error().message();
    return added->version;
  }
  static model::Reference ref(const std::string& text) { return *model::Reference::parse(text); }

  std::string root_;
  std::int64_t clock_ = 0;
};

TEST_F(WorkspaceTest, NumbersVersionsOfEachModelFromOne) {
  const auto workspace = open();
  EXPECT_EQ(add(*workspace, "faq", "a").reference(), "faq:1");
  EXPECT_EQ(add(*workspace, "faq", "b").reference(), "faq:2");
  EXPECT_EQ(add(*workspace, "other", "a").reference(), "other:1");
}

TEST_F(WorkspaceTest, TheSameBytesKeepTheirNumber) {
  const auto workspace = open();
  add(*workspace, "faq", "a");
  add(*workspace, "faq", "b");
  NewVersion again = make(*workspace, "faq", "a");
  again.alias = "champion";
  again.labels = {{"team", "search"}};
  const auto added = workspace->add(again);
  ASSERT_TRUE(added.ok());
  EXPECT_FALSE(added->is_new);
  EXPECT_EQ(added->version.number, 1);
  EXPECT_EQ(added->version.aliases, std::vector<std::string>{"champion"});
  EXPECT_EQ(added->version.labels.at("team"), "search");
}

TEST_F(WorkspaceTest, FindsVersionsByNumberAliasDigestAndAsTheNewest) {
  const auto workspace = open();
  const Version first = add(*workspace, "faq", "a");
  add(*workspace, "faq", "b");
  ASSERT_TRUE(workspace->set_alias(ref("faq:1"), "champion").ok());
  EXPECT_EQ(workspace->find(ref("faq"))->number, 2);
  EXPECT_EQ(workspace->find(ref("faq:1"))->number, 1);
  EXPECT_EQ(workspace->find(ref("faq@champion"))->number, 1);
  EXPECT_EQ(workspace->find(ref("faq@" + first.digest.text()))->number, 1);
  EXPECT_EQ(workspace->find(ref("faq:3")).error().message(),
            "model \"faq\": there is no version 3");
  EXPECT_EQ(workspace->find(ref("faq@other")).error().message(),
            "model \"faq\": there is no alias \"other\"");
  EXPECT_EQ(workspace->find(ref("none")).error().code(), base::Code::NotFound);
}

TEST_F(WorkspaceTest, NumbersAreNeverGivenTwice) {
  const auto workspace = open();
  add(*workspace, "faq", "a");
  add(*workspace, "faq", "b");
  ASSERT_TRUE(workspace->remove(ref("faq:2")).ok());
  EXPECT_EQ(add(*workspace, "faq", "c").number, 3);
  ASSERT_TRUE(workspace->remove(ref("faq:3")).ok());
  ASSERT_TRUE(workspace->remove(ref("faq:1")).ok());
  EXPECT_FALSE(workspace->find(ref("faq")).ok());
  EXPECT_EQ(add(*workspace, "faq", "a").number, 4);
}

TEST_F(WorkspaceTest, AliasesMoveAndKeepTheirVersion) {
  const auto workspace = open();
  add(*workspace, "faq", "a");
  add(*workspace, "faq", "b");
  ASSERT_TRUE(workspace->set_alias(ref("faq:1"), "champion").ok());
  const auto removed = workspace->remove(ref("faq:1"));
  ASSERT_FALSE(removed.ok());
  EXPECT_EQ(removed.error().message(),
            "faq:1: expected no alias at it, got champion; move it to another version or remove it "
            "first");
  EXPECT_EQ(workspace->set_alias(ref("faq:2"), "champion")->number, 2);
  EXPECT_TRUE(workspace->remove(ref("faq:1")).ok());
  EXPECT_TRUE(workspace->remove_alias("faq", "champion").ok());
  EXPECT_FALSE(workspace->remove_alias("faq", "champion").ok());
  EXPECT_FALSE(workspace->set_alias(ref("faq:2"), "../x").ok());
}

TEST_F(WorkspaceTest, LabelsComeAndGo) {
  const auto workspace = open();
  add(*workspace, "faq", "a");
  EXPECT_EQ(workspace->set_label(ref("faq:1"), "team", "search")->labels.at("team"), "search");
  EXPECT_TRUE(workspace->set_label(ref("faq:1"), "team", std::nullopt)->labels.empty());
  EXPECT_FALSE(workspace->set_label(ref("faq:1"), "a b", "x").ok());
  EXPECT_FALSE(workspace->set_label(ref("faq:1"), "a", "x\n").ok());
}

TEST_F(WorkspaceTest, EveryChangeStandsInTheLogOnce) {
  const auto workspace = open();
  add(*workspace, "faq", "a");
  ASSERT_TRUE(workspace->set_alias(ref("faq:1"), "champion").ok());
  ASSERT_TRUE(workspace->set_alias(ref("faq:1"), "champion").ok());
  ASSERT_TRUE(workspace->set_label(ref("faq:1"), "team", "x\"y").ok());
  std::vector<std::string> seen;
  ASSERT_TRUE(workspace
                  ->each_change(0,
                                [&](const Change& change) -> base::Result<void> {
                                  seen.push_back(change.action + " " + change.subject + " " +
                                                 change.before + " " + change.after);
                                  EXPECT_EQ(change.who, "ada");
                                  return {};
                                })
                  .ok());
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[1], "alias.set faq@champion null 1");
  EXPECT_EQ(seen[2], "label.set faq:1 team null \"x\\\"y\"");
}

TEST_F(WorkspaceTest, AnAlteredLogIsFound) {
  add(*open(), "faq", "a");
  add(*open(), "faq", "b");
  const auto database = Database::open(root_ + "/state.db");
  ASSERT_TRUE(database.ok());
  EXPECT_FALSE((*database)->execute("UPDATE change SET who = 'eve' WHERE seq = 1").ok());
  ASSERT_TRUE(
      (*database)
          ->execute("DROP TRIGGER change_stays; UPDATE change SET who = 'eve' WHERE seq = 1")
          .ok());
  const auto health = open()->examine([](std::uint64_t) {});
  ASSERT_TRUE(health.ok()) << health.error().message();
  ASSERT_EQ(health->problems.size(), 1U);
  EXPECT_EQ(health->problems[0], "change 1: it or the one before was altered after it was written");
}

TEST_F(WorkspaceTest, CollectsOnlyWhatNoVersionNeeds) {
  const auto workspace = open();
  const Version kept = add(*workspace, "faq", "a");
  const Version gone = add(*workspace, "faq", "b");
  std::ofstream(root_ + "/tmp/blob.left") << "123";
  ASSERT_TRUE(workspace->remove(ref("faq:2")).ok());
  const auto planned = workspace->collect(true);
  ASSERT_TRUE(planned.ok());
  EXPECT_EQ(planned->blobs.size(), 3U);
  EXPECT_TRUE(workspace->layout().has(gone.digest));
  ASSERT_TRUE(workspace->collect(false).ok());
  EXPECT_FALSE(workspace->layout().has(gone.digest));
  EXPECT_TRUE(workspace->layout().has(kept.digest));
  EXPECT_EQ(workspace->layout().list()->size(), 3U);
  EXPECT_TRUE(workspace->examine([](std::uint64_t) {})->problems.empty());
}

TEST_F(WorkspaceTest, CollectingWaitsForOthersAndADryRunDoesNot) {
  const auto workspace =
      *Workspace::open({.root = root_,
                        .who = "ada",
                        .now = [] { return std::int64_t{0}; },
                        .create = true,
                        .patience = {.at_most = std::chrono::milliseconds(5), .on_wait = {}}});
  ASSERT_TRUE(workspace->layout().put("x").ok());
  const auto other = open()->hold();
  EXPECT_EQ(workspace->collect(true)->blobs.size(), 1U);
  const auto refused = workspace->collect(false);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), base::Code::Unavailable);
  EXPECT_TRUE(workspace->layout().has(base::Digest::of("x")));
}

TEST_F(WorkspaceTest, BlobsThatTwoVersionsShareStay) {
  const auto workspace = open();
  add(*workspace, "faq", "a");
  add(*workspace, "copy", "a");
  ASSERT_TRUE(workspace->remove(ref("faq:1")).ok());
  ASSERT_TRUE(workspace->collect(false).ok());
  EXPECT_TRUE(workspace->examine([](std::uint64_t) {})->problems.empty());
  EXPECT_EQ(workspace->layout().list()->size(), 3U);
}

TEST_F(WorkspaceTest, TheIndexIsDerivedAndRepaired) {
  const Version version = add(*open(), "faq", "a");
  const auto index = oci::Index::parse(*open()->layout().read_index());
  ASSERT_TRUE(index.ok());
  ASSERT_EQ(index->manifests.size(), 1U);
  EXPECT_EQ(index->manifests[0].digest, version.digest);
  EXPECT_EQ(index->manifests[0].annotations.at("org.opencontainers.image.ref.name"), "faq:1");
  std::ofstream(root_ + "/index.json") << "{}";
  const auto again = open();
  EXPECT_FALSE(again->index_problem());
  EXPECT_EQ(oci::Index::parse(*again->layout().read_index())->manifests.size(), 1U);
}

TEST_F(WorkspaceTest, ExaminingFindsWhatIsMissingOrChanged) {
  const auto workspace = open();
  add(*workspace, "faq", "a");
  const fs::path layer = workspace->layout().path(base::Digest::of("a"));
  fs::permissions(layer, fs::perms(0644));
  std::ofstream(layer) << "b";
  EXPECT_EQ(workspace->examine([](std::uint64_t) {})->problems.size(), 1U);
  fs::remove(layer);
  const auto health = workspace->examine([](std::uint64_t) {});
  ASSERT_EQ(health->problems.size(), 1U);
  EXPECT_EQ(health->problems[0], "faq:1: blob " + base::Digest::of("a").text() + " is not there");
}

TEST_F(WorkspaceTest, AManifestThatIsGoneIsNamedAndNothingIsCollected) {
  const auto workspace = open();
  add(*workspace, "faq", "a");
  const Version broken = add(*workspace, "faq", "b");
  ASSERT_TRUE(workspace->layout().put("x").ok());
  const std::string manifest = workspace->layout().path(broken.digest);
  fs::rename(manifest, root_ + "/away");
  const std::string gone = "faq:2: its manifest, blob " + broken.digest.text() + ", is not there";
  for (const bool dry_run : {true, false}) {
    const auto collected = workspace->collect(dry_run);
    ASSERT_FALSE(collected.ok());
    EXPECT_EQ(collected.error().code(), base::Code::Corrupt);
    EXPECT_EQ(collected.error().message(), gone + "; register or pull it again, or remove it");
  }
  EXPECT_TRUE(workspace->layout().has(base::Digest::of("x")));
  EXPECT_EQ(workspace->examine([](std::uint64_t) {})->problems, std::vector<std::string>{gone});

  fs::rename(root_ + "/away", manifest);
  fs::permissions(manifest, fs::perms(0644));
  std::ofstream(manifest) << "{}";
  const auto collected = workspace->collect(false);
  ASSERT_FALSE(collected.ok());
  EXPECT_EQ(collected.error().code(), base::Code::Corrupt);
  EXPECT_TRUE(collected.error().message().starts_with("faq:2: blob "));
  // Who runs doctor is not told to.
  const auto health = workspace->examine([](std::uint64_t) {});
  for (const std::string& each : health->problems) {
    EXPECT_EQ(each.find("sooth doctor"), std::string::npos) << each;
  }
}

// As a bit that flips in a page would have it.
TEST_F(WorkspaceTest, TablesThatDoNotSayWhatTheLogSaysAreNotBelieved) {
  const auto workspace = open();
  add(*workspace, "faq", "a");
  add(*workspace, "faq", "b");
  ASSERT_TRUE(workspace->set_alias(ref("faq:1"), "champion").ok());
  const auto execute = [&](const char* sql) {
    EXPECT_TRUE((*Database::open(root_ + "/state.db"))->execute(sql).ok()) << sql;
  };
  execute("UPDATE alias SET number = 2");
  const auto moved = workspace->find(ref("faq@champion"));
  ASSERT_FALSE(moved.ok());
  EXPECT_EQ(moved.error().code(), base::Code::Corrupt);
  EXPECT_EQ(
      workspace->examine([](std::uint64_t) {})->problems,
      std::vector<std::string>{"state.db: \"faq@champion\": expected 1, as the log says, got 2"});
  execute("UPDATE alias SET number = 1; DELETE FROM version WHERE number = 2");
  EXPECT_EQ(workspace->find(ref("faq")).error().code(), base::Code::Corrupt);
  execute("UPDATE model SET newest = 1");
  EXPECT_FALSE(workspace->add(make(*workspace, "faq", "c")).ok());
}

TEST_F(WorkspaceTest, DiscardingTakesAwayWhatThisAttemptWroteAlone) {
  const auto workspace = open();
  add(*workspace, "faq", "a");
  // Nobody's, but not of the attempt: what is removed, what is packed, what another has written.
  ASSERT_TRUE(workspace->layout().put("earlier").ok());
  ASSERT_TRUE(open()->layout().put("another's").ok());
  const auto attempt = [&](const std::vector<std::string>& blobs) {
    workspace->begin_attempt();
    const auto held = workspace->hold();
    for (const std::string& each : blobs) ASSERT_TRUE(workspace->layout().put(each).ok());
  };
  const auto has = [&](const std::string& blob) {
    return workspace->layout().has(base::Digest::of(blob));
  };
  attempt({});
  workspace->discard();
  EXPECT_TRUE(has("earlier") && has("another's"));
  attempt({"x", "earlier", "another's", "a"});
  workspace->discard();
  EXPECT_FALSE(has("x"));
  EXPECT_TRUE(has("earlier") && has("another's") && has("a"));

  // Another makes a version of bytes that this one wrote.
  attempt({"b", "y"});
  add(*open(), "faq", "b");
  workspace->discard();
  EXPECT_TRUE(has("b"));
  EXPECT_FALSE(has("y"));

  // While others add theirs it is left to collect().
  attempt({"z"});
  const auto other = open()->hold();
  workspace->discard();
  EXPECT_TRUE(has("z"));
}

TEST_F(WorkspaceTest, RefusesWhatANewerReleaseWrote) {
  open();
  ASSERT_TRUE((*Database::open(root_ + "/state.db"))->execute("PRAGMA user_version=99").ok());
  const auto workspace = Workspace::open(
      {.root = root_, .who = "ada", .now = [] { return std::int64_t{0}; }, .create = false});
  ASSERT_FALSE(workspace.ok());
  EXPECT_EQ(workspace.error().code(), base::Code::Unsupported);
}

TEST_F(WorkspaceTest, ManyAtOnceLoseNothingAndGiveNoNumberTwice) {
  constexpr int kWriters = 8;
  constexpr int kEach = 10;
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([this, w] {
      const auto workspace = Workspace::open(
          {.root = root_, .who = "w", .now = [] { return std::int64_t{0}; }, .create = true});
      ASSERT_TRUE(workspace.ok()) << workspace.error().message();
      for (int i = 0; i < kEach; ++i) {
        add(**workspace, "faq", std::to_string(w) + "." + std::to_string(i));
      }
    });
  }
  for (std::thread& each : writers) each.join();
  const auto workspace = open();
  const auto versions = workspace->versions("faq");
  ASSERT_TRUE(versions.ok());
  ASSERT_EQ(versions->size(), static_cast<std::size_t>(kWriters * kEach));
  for (std::size_t i = 0; i < versions->size(); ++i) {
    EXPECT_EQ((*versions)[i].number, static_cast<std::int64_t>(versions->size() - i));
  }
  const auto health = workspace->examine([](std::uint64_t) {});
  EXPECT_TRUE(health->problems.empty());
  EXPECT_FALSE(health->index_repaired);
}

}  // namespace
}  // namespace workspace
