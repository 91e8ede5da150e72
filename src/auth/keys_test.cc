#include "auth/keys.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "auth/key_set.h"
#include "auth/test_time.h"

namespace auth {
namespace {

using std::chrono::hours;

// Whether the set of the records lets the key in.
bool accepted(const std::vector<KeyRecord>& records, const KeyText& text, Timestamp now = kNow) {
  return KeySet::make(records)->check(text.reveal(), "faq", Scope::Score, now).ok();
}

TEST(KeysTest, AClientGetsTwoKeysThatBothWork) {
  const auto pair = create_keys({}, {.client = "shop", .endpoint = "faq"}, system_random, kNow);
  ASSERT_TRUE(pair.ok()) << pair.error().message();
  EXPECT_EQ(pair->primary.record.slot, Slot::Primary);
  EXPECT_EQ(pair->secondary.record.slot, Slot::Secondary);
  EXPECT_NE(pair->primary.record.id, pair->secondary.record.id);
  const std::vector records = {pair->primary.record, pair->secondary.record};
  EXPECT_TRUE(accepted(records, pair->primary.text));
  EXPECT_TRUE(accepted(records, pair->secondary.text));
}

TEST(KeysTest, AClientHasOnePairForAnEndpoint) {
  const auto pair = create_keys({}, {.client = "shop", .endpoint = "faq"}, system_random, kNow);
  ASSERT_TRUE(pair.ok());
  const std::vector records = {pair->secondary.record};
  const auto again =
      create_keys(records, {.client = "shop", .endpoint = "faq"}, system_random, kNow);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code(), base::Code::Conflict);
  EXPECT_EQ(again.error().message(),
            "client \"shop\": it has keys for endpoint \"faq\" already; rotate or revoke them");
  EXPECT_TRUE(
      create_keys(records, {.client = "shop", .endpoint = "iris"}, system_random, kNow).ok());
  EXPECT_TRUE(create_keys(records, {.client = "app", .endpoint = "faq"}, system_random, kNow).ok());
}

TEST(KeysTest, RotatingReplacesOneAndLeavesTheOther) {
  const auto pair = create_keys({}, {.client = "shop", .endpoint = "faq"}, system_random, kNow);
  ASSERT_TRUE(pair.ok());
  std::vector records = {pair->primary.record, pair->secondary.record};
  const auto rotated = rotate_key(records, pair->primary.record.id, system_random, kNow + hours(1));
  ASSERT_TRUE(rotated.ok());
  EXPECT_EQ(rotated->record.id, pair->primary.record.id);
  EXPECT_EQ(rotated->record.slot, Slot::Primary);
  EXPECT_EQ(rotated->record.created, kNow + hours(1));
  records[0] = rotated->record;
  EXPECT_FALSE(accepted(records, pair->primary.text));
  EXPECT_TRUE(accepted(records, rotated->text));
  EXPECT_TRUE(accepted(records, pair->secondary.text));
}

TEST(KeysTest, ARotatedKeyLivesAsLongAsItWasMadeToLive) {
  const auto pair = create_keys(
      {}, {.client = "shop", .endpoint = "faq", .expires = kNow + hours(24)}, system_random, kNow);
  ASSERT_TRUE(pair.ok());
  const std::vector records = {pair->primary.record};
  const Timestamp later = kNow + hours(100);
  EXPECT_FALSE(accepted(records, pair->primary.text, later));
  const auto rotated = rotate_key(records, records[0].id, system_random, later);
  ASSERT_TRUE(rotated.ok());
  EXPECT_EQ(rotated->record.expires, later + hours(24));
}

TEST(KeysTest, RefusesWhatCannotBe) {
  const auto past =
      create_keys({}, {.client = "shop", .endpoint = "faq", .expires = kNow}, system_random, kNow);
  ASSERT_FALSE(past.ok());
  EXPECT_EQ(past.error().message(), "expires 2026-01-02T03:04:05Z: expected a time to come");
  const auto unknown = rotate_key({}, "nobody", system_random, kNow);
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code(), base::Code::NotFound);
  EXPECT_EQ(unknown.error().message(), "key \"nobody\": there is none of this id");
  EXPECT_FALSE(revoke_key({}, "nobody").ok());
  const std::vector<KeyRecord> many(kKeysMax - 1);
  const auto full = create_keys(many, {.client = "shop", .endpoint = "faq"}, system_random, kNow);
  ASSERT_FALSE(full.ok());
  EXPECT_EQ(full.error().code(), base::Code::Exhausted);
}

TEST(KeysTest, RevokingNamesTheRecordThatGoes) {
  const auto pair = create_keys({}, {.client = "shop", .endpoint = "faq"}, system_random, kNow);
  ASSERT_TRUE(pair.ok());
  const std::vector records = {pair->primary.record, pair->secondary.record};
  const auto revoked = revoke_key(records, pair->secondary.record.id);
  ASSERT_TRUE(revoked.ok());
  EXPECT_EQ(*revoked, pair->secondary.record);
}

}  // namespace
}  // namespace auth
