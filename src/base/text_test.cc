#include "base/text.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(QuoteTest, EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(quote("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(quote("\x1b[31mred\n"), R"("\x1b[31mred\x0a")");
  EXPECT_EQ(quote("caf\xc3\xa9 \xff"), "\"caf\xc3\xa9 \\xff\"");
}

TEST(QuoteTest, CutsAfter120Bytes) {
  EXPECT_EQ(quote(std::string(120, 'x')).size(), 122U);
  EXPECT_EQ(quote(std::string(121, 'x')), "\"" + std::string(120, 'x') + "...\"");
}

TEST(Utf8Test, FindsTheFirstBadByte) {
  EXPECT_EQ(find_invalid_utf8("plain"), std::nullopt);
  EXPECT_EQ(find_invalid_utf8("\xf0\x9f\x98\x80 ok"), std::nullopt);
  const struct {
    std::string_view text;
    std::size_t at;
  } cases[] = {
      {"ab\xff", 2},            // no lead byte
      {"\xc0\x80", 0},          // overlong
      {"\xe0\x80\x80", 0},      // overlong
      {"\xed\xa0\x80", 0},      // surrogate
      {"\xf4\x90\x80\x80", 0},  // past U+10FFFF
      {"x\xe2\x82", 1},         // cut short
  };
  for (const auto& c : cases) EXPECT_EQ(find_invalid_utf8(c.text), c.at);
}

// ASCII is passed over in words: what follows may begin anywhere in one.
TEST(Utf8Test, FindsABadByteBehindAnyLengthOfAscii) {
  for (std::size_t length = 0; length < 40; ++length) {
    const std::string ascii(length, 'a');
    EXPECT_EQ(find_invalid_utf8(ascii), std::nullopt);
    EXPECT_EQ(find_invalid_utf8(ascii + "\xC3\xA9" + ascii), std::nullopt);
    EXPECT_EQ(find_invalid_utf8(ascii + "\x80" + ascii), length);
    EXPECT_EQ(find_invalid_utf8(ascii + "\xC3"), length);
    EXPECT_EQ(find_invalid_utf8(ascii + "\xC3\xA9" + ascii + "\xFF"), 2 * length + 2);
  }
}

TEST(Utf8Test, PointsRoundTrip) {
  for (const char32_t point : {0x24U, 0xA3U, 0x20ACU, 0xFFFDU, 0x10348U, 0x10FFFFU}) {
    std::string text;
    append_utf8(text, point);
    std::size_t at = 0;
    EXPECT_EQ(next_point(text, at), point);
    EXPECT_EQ(at, text.size());
  }
}

TEST(Utf8Test, ASurrogateBecomesTheReplacementCharacter) {
  std::string text;
  append_utf8(text, 0xD800);
  EXPECT_EQ(text, "\xef\xbf\xbd");
}

TEST(NearestTest, SuggestsOnlyWhatIsClose) {
  EXPECT_EQ(nearest("enigne", {"engine", "python"}), "engine");
  EXPECT_EQ(nearest("zzzzzz", {"engine", "python"}), std::nullopt);
  EXPECT_EQ(nearest(std::string(100'000'000, 'e'), {"engine"}), std::nullopt);
}

TEST(HumanBytesTest, PicksTheUnit) {
  EXPECT_EQ(human_bytes(12), "12 B");
  EXPECT_EQ(human_bytes(1536), "1.5 KiB");
  EXPECT_EQ(human_bytes(8U << 20), "8.0 MiB");
}

}  // namespace
}  // namespace base
