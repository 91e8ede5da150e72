#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "auth/keys.h"
#include "oci/descriptor.h"
#include "workspace/workspace.h"

namespace workspace {
namespace {

namespace fs = std::filesystem;
using auth::KeyRecord;

class KeysTest : public testing::Test {
 protected:
  KeysTest() {
    std::string name = testing::TempDir() + "workspace-keys.XXXXXX";
    root_ = ::mkdtemp(name.data());
  }
  ~KeysTest() override { fs::remove_all(root_); }

  std::unique_ptr<Workspace> open() {
    auto workspace = Workspace::open(
        {.root = root_, .who = "ada", .now = [this] { return ++clock_; }, .create = true});
    EXPECT_TRUE(workspace.ok()) << workspace.error().message();
    return *std::move(workspace);
  }

  static base::Result<void> fill(std::span<std::byte> bytes) {
    static unsigned next = 0;
    for (std::byte& each : bytes) each = static_cast<std::byte>(++next * 37U);
    return {};
  }
  static const auth::Timestamp kNow;

  // Makes the two keys of a client and gives the text of the first.
  static std::string create(Workspace& workspace, const std::string& client,
                            const std::string& endpoint) {
    std::string text;
    const auto done = workspace.change_keys(
        [&](const std::vector<KeyRecord>& records) -> base::Result<KeyChange> {
          TRY_ASSIGN(auto pair, auth::create_keys(records,
                                                  {.client = client,
                                                   .endpoint = endpoint,
                                                   .scope = {auth::Scope::Score},
                                                   .expires = kNow + std::chrono::hours(24)},
                                                  fill, kNow));
          text = pair.primary.text.reveal();
          return KeyChange{"key.create", {pair.primary.record, pair.secondary.record}, {}};
        });
    EXPECT_TRUE(done.ok()) << done.error().message();
    return text;
  }

  static Version add(Workspace& workspace, const std::string& content) {
    const auto held = workspace.hold();
    const oci::Stored blob = *workspace.layout().put(content);
    oci::Manifest manifest;
    manifest.config.media_type = oci::kConfigType;
    manifest.config.digest = blob.digest;
    manifest.config.size = blob.size;
    const oci::Stored stored = *workspace.layout().put(manifest.json());
    return workspace
        .add({.model = "faq",
              .digest = stored.digest,
              .manifest_size = stored.size,
              .size = stored.size + blob.size,
              .title = "tree",
              .labels = {},
              .alias = ""})
        ->version;
  }
  static std::string log_of(Workspace& workspace) {
    std::string text;
    EXPECT_TRUE(workspace
                    .each_change(0,
                                 [&](const Change& change) -> base::Result<void> {
                                   text += change.action + " " + change.subject + " " +
                                           change.before + " " + change.after + "\n";
                                   return {};
                                 })
                    .ok());
    return text;
  }

  // As a bit that flips in a page would have it.
  void execute(const std::string& sql) {
    const auto done = (*Database::open(root_ + "/state.db"))->execute(sql);
    EXPECT_TRUE(done.ok()) << sql << ": " << done.error().message();
  }
  std::vector<std::string> problems() {
    const auto health = open()->examine([](std::uint64_t) {});
    EXPECT_TRUE(health.ok());
    return health->problems;
  }

  std::string root_;
  std::int64_t clock_ = 0;
};

const auth::Timestamp KeysTest::kNow{std::chrono::seconds(1'800'000'000)};

TEST_F(KeysTest, KeepsRecordsAsTheyWere) {
  std::vector<KeyRecord> before;
  {
    const auto workspace = open();
    create(*workspace, "shop", "faq");
    before = *workspace->keys();
  }
  ASSERT_EQ(before.size(), 2U);
  EXPECT_EQ(*open()->keys(), before);
  EXPECT_EQ(before[0].client, "shop");
  EXPECT_EQ(before[0].expires, kNow + std::chrono::hours(24));
}

TEST_F(KeysTest, GivesAnEndpointItsKeysAndThoseForAll) {
  const auto workspace = open();
  create(*workspace, "shop", "faq");
  create(*workspace, "ops", "*");
  create(*workspace, "shop", "other");
  EXPECT_EQ(workspace->keys("faq")->size(), 4U);
  EXPECT_EQ(workspace->keys("none")->size(), 2U);
  EXPECT_EQ(workspace->keys()->size(), 6U);
}

TEST_F(KeysTest, TheLogTellsOfEachChangeButNeverOfASecret) {
  const auto workspace = open();
  const std::string text = create(*workspace, "shop", "faq");
  const auto records = *workspace->keys();
  ASSERT_TRUE(workspace
                  ->change_keys([&](const auto&) -> base::Result<KeyChange> {
                    return KeyChange{"key.revoke", {}, {records[0].id}};
                  })
                  .ok());
  const std::string log = log_of(*workspace);
  EXPECT_NE(log.find("key.create " + records[1].id + " null {\"client\":\"shop\""),
            std::string::npos)
      << log;
  EXPECT_NE(log.find("key.revoke " + records[0].id + " {\"client\":\"shop\""), std::string::npos);
  const std::string secret = text.substr(text.find('.') + 1, 20);
  EXPECT_EQ(log.find(secret), std::string::npos);
  EXPECT_EQ(log.find(records[1].digest.text()), std::string::npos);
  EXPECT_EQ(workspace->keys()->size(), 1U);
}

TEST_F(KeysTest, ADecisionThatIsRefusedChangesNothing) {
  const auto workspace = open();
  create(*workspace, "shop", "faq");
  const std::string log = log_of(*workspace);
  const auto refused = workspace->change_keys([](const auto&) -> base::Result<KeyChange> {
    return base::Error(base::Code::Conflict, "no");
  });
  EXPECT_EQ(refused.error().code(), base::Code::Conflict);
  EXPECT_EQ(log_of(*workspace), log);
}

TEST_F(KeysTest, WhatIsDeployedIsNeitherRemovedNorCollected) {
  const auto workspace = open();
  const Version version = add(*workspace, "a");
  ASSERT_TRUE(
      workspace->set_deployed({"kubernetes:prod/shop", "faq", {version.digest, version.digest}})
          .ok());
  const auto refused = workspace->remove(*model::Reference::parse("faq:1"));
  EXPECT_EQ(refused.error().code(), base::Code::Conflict);
  EXPECT_EQ(refused.error().message(),
            "faq:1: expected it to run nowhere, got endpoint \"faq\" of kubernetes:prod/shop; "
            "deploy another version there or undeploy it first");
  EXPECT_TRUE(workspace->collect(false).ok());
  EXPECT_TRUE(workspace->layout().has(version.digest));
  EXPECT_EQ(workspace->deployed()->at(0).digests, std::vector{version.digest});

  ASSERT_TRUE(workspace->set_deployed({"kubernetes:prod/shop", "faq", {}}).ok());
  EXPECT_TRUE(workspace->deployed()->empty());
  EXPECT_TRUE(workspace->remove(*model::Reference::parse("faq:1")).ok());
  EXPECT_TRUE(workspace->collect(false).ok());
  EXPECT_FALSE(workspace->layout().has(version.digest));
}

TEST_F(KeysTest, DeploymentsAreLoggedWhereTheyChange) {
  const auto workspace = open();
  const Version version = add(*workspace, "a");
  const Deployed deployed{"kubernetes:prod/shop", "faq", {version.digest}};
  ASSERT_TRUE(workspace->set_deployed(deployed).ok());
  ASSERT_TRUE(workspace->set_deployed(deployed).ok());
  const std::string log = log_of(*workspace);
  const std::size_t at = log.find("deployment.set kubernetes:prod/shop faq null [\"sha256:");
  ASSERT_NE(at, std::string::npos) << log;
  EXPECT_EQ(log.find("deployment.set", at + 1), std::string::npos);
}

TEST_F(KeysTest, OnlyVersionsOfTheWorkspaceAreDeployed) {
  const auto workspace = open();
  const auto refused = workspace->set_deployed(
      {"kubernetes:prod/shop", "faq", {base::Digest::of(std::string_view("x"))}});
  EXPECT_EQ(refused.error().code(), base::Code::NotFound);
}

TEST_F(KeysTest, KeysAndDeploymentsAgreeWithTheLog) {
  const auto workspace = open();
  create(*workspace, "shop", "faq");
  create(*workspace, "ops", "*");
  const Version version = add(*workspace, "a");
  ASSERT_TRUE(workspace->set_deployed({"kubernetes:prod/shop", "faq", {version.digest}}).ok());
  ASSERT_TRUE(workspace->set_deployed({"kubernetes:test/shop", "faq", {version.digest}}).ok());
  ASSERT_TRUE(workspace->set_deployed({"kubernetes:test/shop", "faq", {}}).ok());
  const std::string revoked = workspace->keys()->at(0).id;
  ASSERT_TRUE(workspace
                  ->change_keys([&](const auto&) -> base::Result<KeyChange> {
                    return KeyChange{"key.revoke", {}, {revoked}};
                  })
                  .ok());
  EXPECT_EQ(problems(), std::vector<std::string>());
}

// One column after the other changes, in one row of each.
TEST_F(KeysTest, ARowThatChangedIsFoundAndGivenToNobody) {
  const auto workspace = open();
  create(*workspace, "shop", "faq");
  execute("CREATE TABLE whole AS SELECT * FROM key");
  for (const char* change :
       {"client = 'shoq'", "endpoint = '*'", "endpoint = 'fap'", "scope = 'score,metrics'",
        "scope = 'scorf'", "slot = 'secondary'", "slot = 'x'", "created = created + 1",
        "created = -1", "created = 1 << 60", "expires = expires + 1", "expires = NULL",
        "digest = zeroblob(32)", "digest = zeroblob(31)", "id = 'aaaaaaaaaaaaaaaa'"}) {
    execute(std::string("UPDATE key SET ") + change + " WHERE slot = 'primary'");
    EXPECT_FALSE(problems().empty()) << change;
    const auto given = workspace->keys("faq");
    ASSERT_FALSE(given.ok()) << change;
    EXPECT_EQ(given.error().code(), base::Code::Corrupt) << change;
    execute("DELETE FROM key; INSERT INTO key SELECT * FROM whole");
  }
  EXPECT_TRUE(workspace->keys("faq").ok());
  execute("DELETE FROM key WHERE slot = 'primary'");
  EXPECT_EQ(problems().size(), 1U);
}

// What is made of a key that broke would hide that it did.
TEST_F(KeysTest, AKeyThatBrokeIsNotRotatedButCanBeTakenAway) {
  const auto workspace = open();
  create(*workspace, "shop", "faq");
  const std::string id = workspace->keys()->at(0).id;
  const auto rotate = [&](const std::vector<KeyRecord>& records) -> base::Result<KeyChange> {
    TRY_ASSIGN(auto key, auth::rotate_key(records, id, fill, kNow));
    return KeyChange{"key.rotate", {key.record}, {}};
  };
  const auto revoke = [&](const std::vector<KeyRecord>& records) -> base::Result<KeyChange> {
    TRY(auth::revoke_key(records, id));
    return KeyChange{"key.revoke", {}, {id}};
  };
  execute("UPDATE key SET scope = 'score,metrics' WHERE id = '" + id + "'");
  EXPECT_EQ(workspace->change_keys(rotate).error().code(), base::Code::Corrupt);
  execute("UPDATE key SET scope = 'nothing' WHERE id = '" + id + "'");
  EXPECT_EQ(workspace->change_keys(rotate).error().code(), base::Code::Corrupt);
  EXPECT_TRUE(workspace->change_keys(revoke).ok());
  EXPECT_EQ(workspace->keys()->size(), 1U);
  EXPECT_TRUE(problems().empty());
}

// As releases before the hash have written it: whose it is, without what it is.
TEST_F(KeysTest, EntriesWithoutAHashAreComparedByWhatTheyHold) {
  const auto workspace = open();
  create(*workspace, "shop", "faq");
  const auto database = *Database::open(root_ + "/state.db");
  std::vector<Change> old;
  ASSERT_TRUE(each_change(*database, 0, [&](const Change& change) -> base::Result<void> {
                old.push_back(change);
                const std::size_t hash = change.after.find(",\"hash\":");
                EXPECT_NE(hash, std::string::npos) << change.after;
                old.back().seq = 0;
                old.back().after = change.after.substr(0, hash) + "}";
                return {};
              }).ok());
  execute("DROP TRIGGER change_is_kept; DELETE FROM change");
  for (const Change& each : old) ASSERT_TRUE(append(*database, each).ok());
  EXPECT_EQ(problems(), std::vector<std::string>());
  EXPECT_EQ(workspace->keys("faq")->size(), 2U);

  execute("UPDATE key SET scope = 'score,metrics' WHERE slot = 'primary'");
  EXPECT_EQ(problems().size(), 1U);
  EXPECT_EQ(workspace->keys("faq").error().code(), base::Code::Corrupt);
  EXPECT_TRUE(workspace->repair().ok());
  EXPECT_EQ(problems(), std::vector<std::string>());
  // From the next change on it is hashed.
  ASSERT_TRUE(workspace
                  ->change_keys([&](const auto& records) -> base::Result<KeyChange> {
                    TRY_ASSIGN(auto key, auth::rotate_key(records, records[0].id, fill, kNow));
                    return KeyChange{"key.rotate", {key.record}, {}};
                  })
                  .ok());
  EXPECT_NE(log_of(*workspace).find("\"hash\":\"sha256:"), std::string::npos);
  EXPECT_EQ(problems(), std::vector<std::string>());
}

TEST_F(KeysTest, ADeploymentThatChangedIsFoundAndGuardsStill) {
  const auto workspace = open();
  const Version version = add(*workspace, "a");
  add(*workspace, "b");
  const Deployed deployed{"kubernetes:prod/shop", "faq", {version.digest}};
  ASSERT_TRUE(workspace->set_deployed(deployed).ok());
  for (const char* change :
       {"UPDATE deployment SET target = 'kubernetes:prod/shoq'",
        "UPDATE deployment SET endpoint = 'fap'", "DELETE FROM deployment",
        "UPDATE deployment SET digest = (SELECT digest FROM version WHERE number = 2)",
        "INSERT INTO deployment SELECT target, endpoint, version.digest FROM version, deployment "
        "WHERE number = 2"}) {
    execute(std::string("CREATE TABLE whole AS SELECT * FROM deployment; ") + change);
    EXPECT_FALSE(problems().empty()) << change;
    EXPECT_EQ(workspace->collect(false).error().code(), base::Code::Corrupt) << change;
    EXPECT_EQ(workspace->remove(*model::Reference::parse("faq:1")).error().code(),
              base::Code::Corrupt)
        << change;
    execute("DELETE FROM deployment; INSERT INTO deployment SELECT * FROM whole; DROP TABLE whole");
  }
  EXPECT_TRUE(problems().empty());
  // Deploying again sets it right.
  execute("UPDATE deployment SET digest = (SELECT digest FROM version WHERE number = 2)");
  ASSERT_TRUE(workspace->set_deployed(deployed).ok());
  EXPECT_TRUE(problems().empty());
  EXPECT_TRUE(workspace->collect(false).ok());
}

// One column after the other changes: whose key it is, what it opens, its digest by a bit.
TEST_F(KeysTest, AKeyWhoseRowChangedIsMadeAnewFromTheLog) {
  const auto workspace = open();
  create(*workspace, "shop", "faq");
  create(*workspace, "ops", "*");
  const auto before = *workspace->keys();
  const std::string log = log_of(*workspace);
  for (const char* change :
       {"client = 'shoq'", "endpoint = 'fap'", "scope = 'scorf'", "slot = 'x'", "created = -1",
        "created = created + 1", "expires = NULL", "id = 'aaaaaaaaaaaaaaaa'"}) {
    execute(std::string("UPDATE key SET ") + change +
            " WHERE client = 'shop' AND slot = 'primary'");
    EXPECT_FALSE(workspace->keys().ok()) << change;
    const auto done = workspace->repair();
    ASSERT_TRUE(done.ok()) << change << ": " << done.error().message();
    EXPECT_EQ(*done, std::vector<std::string>{"keys: made anew from the log, 4 of them"}) << change;
    ASSERT_TRUE(workspace->keys().ok()) << change;
    EXPECT_EQ(*workspace->keys(), before) << change;
  }
  EXPECT_EQ(log_of(*workspace), log);
  EXPECT_TRUE(problems().empty());
  EXPECT_TRUE(workspace->repair()->empty());
}

TEST_F(KeysTest, ADigestOfAKeyOfWhichABitFlippedIsFoundByTheHash) {
  const auto workspace = open();
  create(*workspace, "shop", "faq");
  const auto before = *workspace->keys();
  std::string hex = before[0].digest.hex();
  constexpr std::string_view kDigits = "0123456789abcdef";
  hex[7] = kDigits[kDigits.find(hex[7]) ^ 1U];
  execute("UPDATE key SET digest = x'" + hex + "' WHERE id = '" + before[0].id + "'");
  EXPECT_FALSE(workspace->keys().ok());
  ASSERT_TRUE(workspace->repair().ok());
  EXPECT_EQ(*workspace->keys(), before);
}

TEST_F(KeysTest, AKeyThatIsLostIsRevokedAndOneThatNobodyMadeGoes) {
  const auto workspace = open();
  create(*workspace, "shop", "faq");
  const auto before = *workspace->keys();
  execute("UPDATE key SET digest = zeroblob(32) WHERE id = '" + before[0].id + "'");
  execute(
      "INSERT INTO key SELECT 'aaaaaaaaaaaaaaaa', client, endpoint, scope, slot, created, "
      "expires, digest FROM key WHERE id = '" +
      before[0].id + "'");
  const auto done = workspace->repair();
  ASSERT_TRUE(done.ok()) << done.error().message();
  EXPECT_EQ(*done, (std::vector<std::string>{
                       "key \"" + before[0].id + "\": what is kept of it is lost; revoked",
                       "keys: made anew from the log, 1 of them"}));
  EXPECT_EQ(*workspace->keys(), std::vector{before[1]});
  EXPECT_NE(log_of(*workspace).find("key.revoke " + before[0].id), std::string::npos);
  EXPECT_TRUE(problems().empty());
}

TEST_F(KeysTest, DeploymentsThatChangedAreMadeAnewFromTheLog) {
  const auto workspace = open();
  const Version version = add(*workspace, "a");
  add(*workspace, "b");
  ASSERT_TRUE(workspace->set_deployed({"kubernetes:prod/shop", "faq", {version.digest}}).ok());
  ASSERT_TRUE(workspace->set_deployed({"local", "faq", {version.digest}}).ok());
  const auto before = *workspace->deployed();
  for (const char* change :
       {"UPDATE deployment SET target = 'kubernetes:prod/shoq' WHERE target != 'local'",
        "UPDATE deployment SET endpoint = 'fap'", "DELETE FROM deployment",
        "UPDATE deployment SET digest = (SELECT digest FROM version WHERE number = 2)",
        "UPDATE deployment SET digest = zeroblob(31)"}) {
    execute(change);
    EXPECT_FALSE(workspace->deployed().ok()) << change;
    const auto done = workspace->repair();
    ASSERT_TRUE(done.ok()) << change << ": " << done.error().message();
    EXPECT_EQ(*done, std::vector<std::string>{"deployments: made anew from the log, 2 of them"});
    EXPECT_EQ(*workspace->deployed(), before) << change;
  }
  EXPECT_TRUE(problems().empty());
}

TEST_F(KeysTest, NothingIsRepairedByALogThatChanged) {
  const auto workspace = open();
  create(*workspace, "shop", "faq");
  execute("UPDATE key SET client = 'shoq'");
  execute("DROP TRIGGER change_stays; UPDATE change SET who = 'eve' WHERE seq = 1");
  EXPECT_EQ(workspace->repair().error().code(), base::Code::Corrupt);
  EXPECT_FALSE(workspace->keys().ok());
}

}  // namespace
}  // namespace workspace
