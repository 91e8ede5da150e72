#include "telemetry/request_id.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace telemetry {
namespace {

TEST(RequestIdTest, IsWhatTheClientCallsIt) {
  const std::string longest(100, '~');
  for (const std::string& sent : {std::string("7"), std::string("Root=1-67891233-abcdef"),
                                  std::string("!\"#$%&'()*+,-./:;<=>?@[]^_`{|}"), longest}) {
    EXPECT_EQ(find_request_id(sent, fast_random_bits).view(), sent);
  }
}

TEST(RequestIdTest, IsNewWhereTheClientSaysNothingFit) {
  for (const std::string& sent :
       {std::string(), std::string("a b"), std::string("a\tb"), std::string("a\r\nSet-Cookie:x"),
        std::string("\x7f"), std::string("é"), std::string(1, '\0'), std::string(101, 'x')}) {
    EXPECT_FALSE(is_request_id(sent)) << sent;
    EXPECT_EQ(find_request_id(sent, fast_random_bits).view().size(), 36U) << sent;
  }
}

TEST(RequestIdTest, ANewOneIsAUuidOfVersionFour) {
  const auto id_of = [](std::uint64_t bits) {
    return std::string(find_request_id("", [bits] { return bits; }).view());
  };
  EXPECT_EQ(id_of(0), "00000000-0000-4000-8000-000000000000");
  EXPECT_EQ(id_of(~std::uint64_t{0}), "ffffffff-ffff-4fff-bfff-ffffffffffff");
  EXPECT_EQ(id_of(0x0123456789abcdef), "01234567-89ab-4def-8123-456789abcdef");
}

TEST(RequestIdTest, NoTwoAreAlike) {
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) seen.emplace(find_request_id("", fast_random_bits).view());
  EXPECT_EQ(seen.size(), 10'000U);
}

TEST(BoundedTextTest, CutsWhatIsLongWithoutPartingACharacter) {
  EXPECT_EQ(BoundedText<4>("abcdef").view(), "abcd");
  EXPECT_EQ(BoundedText<4>("abc\xc3\xa9").view(), "abc");
  BoundedText<4> text("ab");
  const BoundedText<4> copy = text;
  text = copy;
  text = text.view().substr(1);
  EXPECT_EQ(text.view(), "b");
  EXPECT_EQ(copy.view(), "ab");
  EXPECT_TRUE(BoundedText<4>().empty());
}

}  // namespace
}  // namespace telemetry
