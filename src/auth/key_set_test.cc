#include "auth/key_set.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "auth/test_time.h"

namespace auth {
namespace {

using std::chrono::seconds;

MintedKey key(std::string endpoint = "faq", Scopes scope = {Scope::Score},
              std::optional<Timestamp> expires = std::nullopt) {
  auto minted = mint({.client = "shop",
                      .endpoint = std::move(endpoint),
                      .scope = scope,
                      .created = kNow,
                      .expires = expires},
                     system_random);
  EXPECT_TRUE(minted.ok());
  return *std::move(minted);
}

TEST(KeySetTest, KnowsWhoseKeyItIs) {
  const MintedKey minted = key();
  const auto set = KeySet::make({key().record, minted.record, key().record});
  ASSERT_TRUE(set.ok());
  const auto identity = set->check(minted.text.reveal(), "faq", Scope::Score, kNow);
  ASSERT_TRUE(identity.ok()) << identity.error().message();
  EXPECT_EQ(identity->key_id, minted.record.id);
  EXPECT_EQ(identity->client, "shop");
}

TEST(KeySetTest, SaysTheSameOfEveryKeyThatItDoesNotAccept) {
  const MintedKey good = key();
  const MintedKey stranger = key();
  const MintedKey expired = key("faq", {Scope::Score}, kNow);
  // The id of one key with the secret of another, as a key that was rotated has.
  auto rotated = mint(good.record, system_random);
  ASSERT_TRUE(rotated.ok());
  const auto set = KeySet::make({good.record, expired.record});
  ASSERT_TRUE(set.ok());
  const std::string cut = good.text.reveal().substr(1);
  for (const std::string_view text :
       {std::string_view(stranger.text.reveal()), std::string_view(expired.text.reveal()),
        std::string_view(rotated->text.reveal()), std::string_view(cut), std::string_view()}) {
    const auto refused = set->check(text, "faq", Scope::Score, kNow);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code(), base::Code::Unauthenticated);
    EXPECT_EQ(refused.error().message(), "the key is not accepted");
  }
  EXPECT_FALSE(KeySet::make({})->check(good.text.reveal(), "faq", Scope::Score, kNow).ok());
}

TEST(KeySetTest, AKeyPermitsItsEndpointAndScopeUntilItExpires) {
  const struct {
    std::string endpoint;
    Scopes scope;
    std::string_view asked_endpoint;
    Scope asked;
    bool permitted;
  } cases[] = {
      {"faq", {Scope::Score}, "faq", Scope::Score, true},
      {"faq", {Scope::Score}, "iris", Scope::Score, false},
      {"faq", {Scope::Score}, "faq", Scope::Metrics, false},
      {"faq", {Scope::Score}, kEveryEndpoint, Scope::Score, false},
      {"faq", {Scope::Score}, kSomeEndpoint, Scope::Score, true},
      {"faq", {Scope::Score}, kSomeEndpoint, Scope::Metrics, false},
      {"faq", {Scope::Metrics}, "faq", Scope::Metrics, true},
      {"faq", {Scope::Metrics}, "faq", Scope::Score, false},
      {"*", {Scope::Score, Scope::Metrics}, "faq", Scope::Metrics, true},
      {"*", {Scope::Score}, kEveryEndpoint, Scope::Score, true},
  };
  for (const auto& c : cases) {
    const MintedKey minted = key(c.endpoint, c.scope, kNow + seconds(1));
    const auto set = KeySet::make({minted.record});
    ASSERT_TRUE(set.ok());
    const auto checked = set->check(minted.text.reveal(), c.asked_endpoint, c.asked, kNow);
    EXPECT_EQ(checked.ok(), c.permitted) << c.endpoint << " " << c.asked_endpoint;
    if (!checked.ok()) {
      EXPECT_EQ(checked.error().code(), base::Code::Denied);
      EXPECT_EQ(checked.error().message(), "the key does not permit this");
    }
    const auto late =
        set->check(minted.text.reveal(), c.asked_endpoint, c.asked, kNow + seconds(1));
    ASSERT_FALSE(late.ok());
    EXPECT_EQ(late.error().code(), base::Code::Unauthenticated);
  }
}

TEST(KeySetTest, ReadsBackWhatItWrote) {
  const auto set = KeySet::make({key().record, key("*", {Scope::Score, Scope::Metrics}).record,
                                 key("iris", {Scope::Metrics}, kNow).record});
  ASSERT_TRUE(set.ok());
  const auto again = KeySet::parse(set->json());
  ASSERT_TRUE(again.ok()) << again.error().message();
  EXPECT_EQ(again->records(), set->records());
  EXPECT_EQ(again->json(), set->json());
}

constexpr std::string_view kRecord =
    R"({"id": "abcdefghijklmnop", "client": "shop", "endpoint": "faq", "scope": ["score"],)"
    R"( "slot": "primary", "created": "2026-01-02T03:04:05Z",)"
    R"( "digest": "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"})";

std::string file_of(std::string_view keys) {
  return R"({"version": 1, "keys": [)" + std::string(keys) + "]}";
}

std::string with(std::string_view from, std::string_view to) {
  std::string text(kRecord);
  text.replace(text.find(from), from.size(), to);
  return file_of(text);
}

TEST(KeySetTest, ReadsAFile) {
  const auto set = KeySet::parse(file_of(kRecord));
  ASSERT_TRUE(set.ok()) << set.error().message();
  ASSERT_EQ(set->records().size(), 1U);
  const KeyRecord& record = set->records().front();
  EXPECT_EQ(record.id, "abcdefghijklmnop");
  EXPECT_TRUE(record.scope.contains(Scope::Score));
  EXPECT_FALSE(record.expires.has_value());
  EXPECT_EQ(record.digest, base::Digest::of(std::string_view()));
  EXPECT_TRUE(KeySet::parse(R"({"version": 1, "keys": []})").ok());
}

TEST(KeySetTest, RefusesAFileThatSaysAnythingElse) {
  const std::pair<std::string, std::string_view> cases[] = {
      {"", "keys file: expected a JSON object"},
      {"[]", "keys file: expected a JSON object"},
      {file_of(kRecord) + "x", "keys file: expected a JSON object"},
      {R"({"keys": []})", "keys file: expected \"version\" 1"},
      {R"({"version": 2, "keys": []})", "keys file: expected \"version\" 1"},
      {R"({"version": 1.0, "keys": []})", "keys file: expected \"version\" 1"},
      {R"({"version": 1})", "keys file: expected an array as \"keys\""},
      {R"({"version": 1, "keys": [], "kyes": []})",
       "keys file: unknown key \"kyes\"; did you mean \"keys\"?"},
      {R"({"version": 1, "keys": [], "keys": []})",
       "keys file: expected each name once, got \"keys\" twice"},
      {file_of("1"), "keys[0]: key: expected an object"},
      {with("\"client\"", "\"klient\""),
       "keys[0]: key: unknown key \"klient\"; did you mean \"client\"?"},
      {with("\"slot\": \"primary\", ", ""), "keys[0]: \"slot\": expected a text"},
      {with("primary", "third"), "keys[0]: \"slot\": expected \"primary\" or \"secondary\""},
      {with("\"shop\"", "7"), "keys[0]: \"client\": expected a text"},
      {with("[\"score\"]", "\"score\""),
       "keys[0]: \"scope\": expected an array of \"score\", \"metrics\" and \"manage\""},
      {with("[\"score\"]", "[\"admin\"]"),
       "keys[0]: \"scope\": expected an array of \"score\", \"metrics\" and \"manage\""},
      {with("[\"score\"]", "[]"), "keys[0]: scope \"\": expected score, metrics or manage"},
      {with("\"abcdefghijklmnop\"", "\"abc\""), "keys[0]: id \"abc\": expected 16 of a-z and 2-7"},
      {with("03:04:05Z", "03:04"),
       "keys[0]: \"created\": expected a time such as \"2026-01-02T03:04:05Z\", got "
       "\"2026-01-02T03:04\""},
      {with("\"digest\"", "\"expires\": null, \"digest\""),
       "keys[0]: \"expires\": expected a text"},
      {with("\"id\"", "\"id\": \"x\", \"id\""),
       "keys file: expected each name once, got \"id\" twice"},
      {file_of(std::string(kRecord) + "," + std::string(kRecord)),
       "key \"abcdefghijklmnop\": expected one of this id, got several"},
  };
  for (const auto& [text, message] : cases) {
    const auto set = KeySet::parse(text);
    ASSERT_FALSE(set.ok()) << text;
    EXPECT_EQ(set.error().message(), message) << text;
  }
  EXPECT_FALSE(KeySet::parse(with("sha256:", "md5:")).ok());
}

TEST(KeySetTest, HasLimits) {
  const auto large = KeySet::parse(std::string(kKeyFileBytesMax + 1, ' '));
  ASSERT_FALSE(large.ok());
  EXPECT_EQ(large.error().code(), base::Code::Exhausted);
  std::string many = "1";
  for (std::size_t i = 0; i < kKeysMax; ++i) many += ",1";
  const auto crowded = KeySet::parse(file_of(many));
  ASSERT_FALSE(crowded.ok());
  EXPECT_EQ(crowded.error().message(), "keys file: expected at most 10000 keys, got 10001");
  EXPECT_FALSE(KeySet::parse(std::string(1 << 20, '[')).ok());
}

}  // namespace
}  // namespace auth
