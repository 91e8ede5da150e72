#include "text/unicode.h"

#include <cstdint>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "base/text.h"

namespace text {
namespace {

// FNV-1a 64, as tools/unicode/dump.py computes it of the same bytes.
class Fnv {
 public:
  void add(unsigned char byte) { value_ = (value_ ^ byte) * 0x100000001b3; }
  void add(std::string_view bytes) {
    for (const char c : bytes) add(static_cast<unsigned char>(c));
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325;
};

std::string lower(const Unicode& unicode, std::string_view text) {
  std::string out;
  unicode.append_lower(text, out);
  return out;
}

std::string nfkd(const Unicode& unicode, std::string_view text) {
  std::string out;
  unicode.append_nfkd(text, out);
  return out;
}

// Whether a capital sigma is written as a final one in four contexts of `c`.
unsigned sigma_bits(const Unicode& unicode, const std::string& c) {
  const auto ends = [](const std::string& text) {
    return text.size() >= 2 && text.compare(text.size() - 2, 2, "ς") == 0;
  };
  const auto second = [](const std::string& text) { return text.compare(1, 2, "ς") == 0; };
  return (ends(lower(unicode, c + "Σ")) ? 1U : 0U) |
         (ends(lower(unicode, "A" + c + "Σ")) ? 2U : 0U) |
         (second(lower(unicode, "AΣ" + c)) ? 4U : 0U) |
         (second(lower(unicode, "AΣ" + c + "A")) ? 8U : 0U);
}

// By property, over all code points but the surrogates.
std::map<std::string, std::uint64_t> digests(const Unicode& unicode) {
  Fnv word, space, decimal, combining, sigma, low, decomposed;
  std::string utf8;
  for (char32_t point = 0; point < 0x110000; ++point) {
    if (point >= 0xD800 && point <= 0xDFFF) continue;
    utf8.clear();
    base::append_utf8(utf8, point);
    word.add(unicode.is_word(point) ? 1 : 0);
    space.add(unicode.is_space(point) ? 1 : 0);
    decimal.add(unicode.is_decimal(point) ? 1 : 0);
    combining.add(unicode.combining(point));
    sigma.add(static_cast<unsigned char>(sigma_bits(unicode, utf8)));
    low.add(lower(unicode, utf8));
    decomposed.add(nfkd(unicode, utf8));
  }
  return {{"word", word.value()},           {"space", space.value()}, {"decimal", decimal.value()},
          {"combining", combining.value()}, {"sigma", sigma.value()}, {"lower", low.value()},
          {"nfkd", decomposed.value()}};
}

TEST(UnicodeTest, AgreesWithEachPythonOnEveryCodePoint) {
  std::ifstream file(SOOTH_SOURCE_DIR "/src/text/testdata/unicode_digests.txt");
  ASSERT_TRUE(file) << "src/text/testdata/unicode_digests.txt";
  std::string line;
  int compared = 0;
  std::map<const Unicode*, std::map<std::string, std::uint64_t>> known;
  while (std::getline(file, line)) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream fields(line);
    std::string release;
    std::string property;
    std::uint64_t expected = 0;
    fields >> release >> property >> std::hex >> expected;
    const auto version = PythonVersion::parse(release);
    ASSERT_TRUE(version.ok()) << line;
    const Unicode& unicode = Unicode::of(*version);
    if (known.count(&unicode) == 0) known[&unicode] = digests(unicode);
    EXPECT_EQ(known[&unicode][property], expected) << release << " " << property;
    ++compared;
  }
  EXPECT_EQ(compared, 9 * 7);
}

TEST(UnicodeTest, CountsWordCharactersAsTheReleasesDo) {
  const struct {
    PythonVersion version;
    int words;
  } cases[] = {
      {{3, 9}, 133023}, {{3, 10}, 133023}, {{3, 11}, 133548}, {{3, 13}, 138558}, {{3, 14}, 142940}};
  for (const auto& c : cases) {
    int words = 0;
    for (char32_t point = 0; point < 0x110000; ++point)
      words += Unicode::of(c.version).is_word(point);
    EXPECT_EQ(words, c.words) << c.version.minor;
  }
}

TEST(UnicodeTest, TakesTheNearestTableForReleasesItDoesNotKnow) {
  EXPECT_EQ(&Unicode::of({2, 7}), &Unicode::of({3, 6}));
  EXPECT_EQ(&Unicode::of({3, 4}), &Unicode::of({3, 6}));
  EXPECT_EQ(&Unicode::of({3, 10}), &Unicode::of({3, 9}));
  EXPECT_EQ(&Unicode::of({3, 99}), &Unicode::newest());
  EXPECT_EQ(&Unicode::of({4, 0}), &Unicode::newest());
  EXPECT_NE(&Unicode::of({3, 13}), &Unicode::newest());
}

TEST(UnicodeTest, SaysNothingOfWhatIsNoCodePoint) {
  for (const char32_t point : {0xD800U, 0x10FFFFU, 0x110000U, 0xFFFFFFFFU}) {
    EXPECT_FALSE(Unicode::newest().is_word(point));
    EXPECT_FALSE(Unicode::newest().is_space(point));
    EXPECT_EQ(Unicode::newest().combining(point), 0);
  }
}

TEST(UnicodeTest, LowersAsStrLowerDoes) {
  const struct {
    std::string_view text, lower;
  } cases[] = {
      {"", ""},
      {"Plain ASCII, 123 [Z]{z}@`_", "plain ascii, 123 [z]{z}@`_"},
      {"İSTANBUL IĞDIR", "i̇stanbul iğdir"},
      {"ΑΣ", "ας"},
      {"Σ", "σ"},
      {"ΑΣΑ ΑΣ. ΣΑΣ", "ασα ας. σας"},
      {"Α\u0301Σ\u0301", "α\u0301ς\u0301"},  // accents are looked through
      {"Α'Σ'Β", "α'σ'β"},
      {"1Σ", "1σ"},
      {"Ⱥ\u1E9E", "ⱥß"},
      {"\U00010400", "\U00010428"},
  };
  for (const auto& c : cases) EXPECT_EQ(lower(Unicode::newest(), c.text), c.lower) << c.text;
}

TEST(UnicodeTest, LowersManySigmasInLinearTime) {
  std::string text;
  for (int i = 0; i < 20000; ++i) text += "Σ''''''''''";
  EXPECT_EQ(lower(Unicode::newest(), text).size(), text.size());
}

TEST(UnicodeTest, PutsMarksInCanonicalOrder) {
  // Class 230, 220, 230, 9: ascending, and equal classes keep their order.
  EXPECT_EQ(nfkd(Unicode::newest(), "a\u0301\u0323\u0300\u094Db"), "a\u094D\u0323\u0301\u0300b");
  EXPECT_EQ(nfkd(Unicode::newest(), "\u1E69\u0323"), "s\u0323\u0323\u0307");
  EXPECT_EQ(nfkd(Unicode::newest(), "\uD55C\uAE00"), "\u1112\u1161\u11AB\u1100\u1173\u11AF");
  EXPECT_EQ(nfkd(Unicode::newest(), "ﬁ²①"), "fi21");
  std::string marks;
  for (int i = 0; i < 50000; ++i) marks += "\u0301\u0323";
  EXPECT_EQ(nfkd(Unicode::newest(), marks).substr(0, 4), "\u0323\u0323");
}

TEST(UnicodeTest, StripsAccents) {
  std::string out;
  Unicode::newest().append_unaccented("Crème brûlée ﬁn 한 हिन्दी", out);
  EXPECT_EQ(out, "Creme brulee fin \u1112\u1161\u11AB हिनदी");
  out.clear();
  Unicode::newest().append_ascii("Crème ½ ﬁn 한 ß", out);
  EXPECT_EQ(out, "Creme 12 fin  ");
}

TEST(UnicodeTest, DecomposesOnlyWhatTheReleaseKnew) {
  EXPECT_EQ(nfkd(Unicode::of({3, 6}), "\u32FF"), "\u32FF");  // Unicode 12.1
  EXPECT_EQ(nfkd(Unicode::of({3, 8}), "\u32FF"), "令和");
}

TEST(PythonVersionTest, ParsesReleases) {
  EXPECT_EQ(*PythonVersion::parse("3.11"), (PythonVersion{3, 11}));
  EXPECT_EQ(*PythonVersion::parse("3.6.15"), (PythonVersion{3, 6}));
  EXPECT_EQ(*PythonVersion::parse("3.14.0rc2"), (PythonVersion{3, 14}));
  for (const char* bad : {"", "3", "3.", "3.x", "2.7", "-3.1", "3.1234", "3.-1"}) {
    const auto version = PythonVersion::parse(bad);
    ASSERT_FALSE(version.ok()) << bad;
    EXPECT_EQ(version.error().message(),
              "Python version: expected 3.<minor>, got \"" + std::string(bad) + "\"");
  }
}

}  // namespace
}  // namespace text
