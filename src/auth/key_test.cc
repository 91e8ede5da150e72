#include "auth/key.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace auth {
namespace {

using std::chrono::seconds;

// Bytes 0, 1, 2 and on: each letter of the alphabet in turn.
Random counting() {
  return [next = 0](std::span<std::byte> bytes) mutable -> base::Result<void> {
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(next++);
    return {};
  };
}

KeyRecord record() {
  return {.client = "shop", .endpoint = "faq", .scope = {Scope::Score}, .created = Timestamp()};
}

// "sooth_" 16 "." 52 "." 8.
constexpr std::string_view kText =
    "sooth_abcdefghijklmnop.qrstuvwxyz234567abcdefghijklmnopqrstuvwxyz234567abcd.";

TEST(KeyTest, IsIdSecretAndCheck) {
  const auto minted = mint(record(), counting());
  ASSERT_TRUE(minted.ok()) << minted.error().message();
  EXPECT_EQ(minted->text.reveal().substr(0, kText.size()), kText);
  EXPECT_EQ(minted->text.reveal().size(), kText.size() + 8);
  EXPECT_EQ(minted->record.id, "abcdefghijklmnop");
  EXPECT_EQ(minted->record.client, "shop");
}

TEST(KeyTest, OnlyItsDigestIsKept) {
  const auto minted = mint(record(), counting());
  ASSERT_TRUE(minted.ok());
  // What `printf %s sooth_<id>.<secret> | sha256sum` says.
  EXPECT_EQ(minted->record.digest, base::Digest::of(kText.substr(0, kText.size() - 1)));
}

TEST(KeyTest, EveryLetterComesAsOftenAndNoKeyTwice) {
  std::set<std::string> texts;
  std::array<int, 256> seen{};
  for (int i = 0; i < 2000; ++i) {
    auto minted = mint(record(), system_random);
    ASSERT_TRUE(minted.ok());
    const std::string& text = minted->text.reveal();
    for (const char c : text.substr(23, 52)) ++seen[static_cast<unsigned char>(c)];
    EXPECT_TRUE(texts.insert(text).second);
  }
  for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyz234567")) {
    // 3250 are expected of each; 6 standard deviations are 337.
    EXPECT_NEAR(seen[static_cast<unsigned char>(c)], 3250, 337) << c;
  }
}

TEST(KeyTest, OpensWhatItsDigestIsOfAndNothingElse) {
  const auto one = mint(record(), system_random);
  const auto other = mint(record(), system_random);
  ASSERT_TRUE(one.ok() && other.ok());
  const auto key = PresentedKey::parse(one->text.reveal());
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(key->id, one->record.id);
  EXPECT_TRUE(opens(*key, one->record.digest));
  EXPECT_FALSE(opens(*key, other->record.digest));
}

TEST(KeyTest, AnyOtherTextIsNoKey) {
  const auto minted = mint(record(), counting());
  ASSERT_TRUE(minted.ok());
  const std::string text = minted->text.reveal();
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    for (const char c : std::string_view("A0a.b-_= \n\0", 11)) {
      changed[at] = c;
      EXPECT_EQ(PresentedKey::parse(changed).has_value(), changed == text) << changed;
    }
    EXPECT_FALSE(PresentedKey::parse(text.substr(0, at)).has_value());
    EXPECT_FALSE(PresentedKey::parse(text.substr(at + 1)).has_value());
  }
  EXPECT_FALSE(PresentedKey::parse(text + " ").has_value());
  EXPECT_FALSE(PresentedKey::parse("").has_value());
}

TEST(KeyTest, RecordsHoldNamesThatFit) {
  const struct {
    std::string client;
    std::string endpoint;
    Scopes scope;
    std::string_view message;
  } cases[] = {
      {"",
       "faq",
       {Scope::Score},
       "client \"\": expected 1 to 128 bytes of text without control characters"},
      {"a\nb",
       "faq",
       {Scope::Score},
       "client \"a\\x0ab\": expected 1 to 128 bytes of text without control characters"},
      {"shop",
       "",
       {Scope::Score},
       "endpoint \"\": expected 1 to 128 of a-z, 0-9, '.', '_' and '-', or *"},
      {"shop",
       "../faq",
       {Scope::Score},
       "endpoint \"../faq\": expected 1 to 128 of a-z, 0-9, '.', '_' and '-', or *"},
      {"shop", "faq", {}, "scope \"\": expected score, metrics or manage"},
  };
  for (const auto& c : cases) {
    const auto minted =
        mint({.client = c.client, .endpoint = c.endpoint, .scope = c.scope}, system_random);
    ASSERT_FALSE(minted.ok()) << c.message;
    EXPECT_EQ(minted.error().message(), c.message);
  }
  EXPECT_TRUE(
      mint({.client = "Müller & Söhne", .endpoint = "*", .scope = {Scope::Metrics}}, system_random)
          .ok());
}

TEST(KeyTest, WithoutRandomnessThereIsNoKey) {
  const auto minted = mint(record(), [](std::span<std::byte>) -> base::Result<void> {
    return base::Error(base::Code::Unavailable, "random bytes: none");
  });
  ASSERT_FALSE(minted.ok());
  EXPECT_EQ(minted.error().message(), "random bytes: none");
}

TEST(TimestampTest, HasOneTextForEachMoment) {
  for (const std::string_view text : {"1970-01-01T00:00:00Z", "2026-02-28T23:59:59Z",
                                      "2028-02-29T12:00:01Z", "9999-12-31T23:59:59Z"}) {
    const auto time = parse_timestamp(text);
    ASSERT_TRUE(time.ok()) << text;
    EXPECT_EQ(format_timestamp(*time), text);
  }
  EXPECT_EQ(parse_timestamp("2001-09-09T01:46:40Z")->time_since_epoch(), seconds(1'000'000'000));
  for (const std::string_view text :
       {"", "2026-01-02", "2026-01-02T03:04:05", "2026-01-02t03:04:05z",
        "2026-01-02T03:04:05+01:00", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z", "2026-01-02T24:00:00Z", "2026-01-02T03:60:00Z",
        "2026-01-02T03:04:60Z", "1969-12-31T23:59:59Z", "2026-01-02T03:04:05.0Z",
        "+026-01-02T03:04:05Z"}) {
    EXPECT_FALSE(parse_timestamp(text).ok()) << text;
  }
}

}  // namespace
}  // namespace auth
