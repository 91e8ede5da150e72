#include "text/regex.h"

#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "text/golden_fields.h"

namespace text {
namespace {

constexpr PythonVersion kPython{3, 11};

std::vector<std::string> matches(const Regex& regex, std::string_view text) {
  Regex::Scratch scratch;
  std::vector<Span> spans;
  EXPECT_TRUE(regex.find_all(text, scratch, spans).ok());
  std::vector<std::string> found;
  for (const Span& span : spans) found.emplace_back(span.of(text));
  return found;
}

struct Agreement {
  int cases = 0;
  int unsupported = 0;
};

void compare(const std::vector<std::string>& golden, Agreement& agreement) {
  ++agreement.cases;
  const std::string& pattern = golden[1];
  const auto regex = Regex::make(pattern, *PythonVersion::parse(golden[0]));
  if (golden[2] == "error") {
    EXPECT_FALSE(regex.ok()) << pattern;
    return;
  }
  if (!regex.ok()) {
    EXPECT_EQ(regex.error().code(), base::Code::Unsupported)
        << pattern << ": " << regex.error().message();
    ++agreement.unsupported;
    return;
  }
  EXPECT_EQ(matches(*regex, golden[2]), std::vector(golden.begin() + 3, golden.end()))
      << "release " << golden[0] << ", pattern " << pattern << ", text " << golden[2];
}

TEST(RegexTest, FindsWhatPythonFinds) {
  const char* path = SOOTH_SOURCE_DIR "/src/text/testdata/regex_goldens.txt";
  std::ifstream file(path);
  ASSERT_TRUE(file) << path;
  Agreement agreement;
  std::string line;
  while (std::getline(file, line)) compare(golden_fields(line), agreement);
  EXPECT_GT(agreement.cases, 600);
  EXPECT_LT(agreement.unsupported, agreement.cases / 20);
}

TEST(RegexTest, RefusesByNameAndPlaceWhatItDoesNotDo) {
  const struct {
    std::string_view pattern, message;
  } cases[] = {
      {"a(?=b)", "unsupported lookahead at character 1"},
      {"(?<!a)b", "unsupported lookbehind at character 0"},
      {R"((a)\1)", "unsupported backreference or octal escape at character 3"},
      {"(?P=x)", "unsupported backreference at character 0"},
      {"(?P<x>a)", "unsupported named group at character 0"},
      {"(?i)a", "unsupported flags (?i) at character 0"},
      {"a(?ms)", "unsupported flags (?ms) at character 1"},
      {"(?i:a)", "unsupported flags (?i:...) at character 0"},
      {"é(?#note)", "unsupported comment at character 1"},
      {"(?>a)", "unsupported atomic group at character 0"},
      {"(?(1)a|b)", "unsupported conditional at character 0"},
      {"a*+", "unsupported possessive quantifier at character 1"},
      {"a{1001}", "unsupported repeat count over 1000 at character 2"},
      {R"(\N{DASH})", "unsupported named character \\N at character 0"},
      {R"(a\z)", "unsupported escape \\z at character 1"},
      {R"([\0])", "unsupported octal escape at character 1"},
      {"b(?:a*)*", "unsupported repeat of something that can match nothing at character 1"},
      {"(?:(a)b)*?", "unsupported capturing group in a lazy repeat at character 0"},
  };
  for (const auto& c : cases) {
    const auto regex = Regex::make(c.pattern, kPython);
    ASSERT_FALSE(regex.ok()) << c.pattern;
    EXPECT_EQ(regex.error().code(), base::Code::Unsupported) << c.pattern;
    EXPECT_EQ(regex.error().message(), "regular expression: " + std::string(c.message));
  }
}

TEST(RegexTest, RefusesWhatPythonRefuses) {
  const struct {
    std::string_view pattern, message;
  } cases[] = {
      {"(a", "missing ), unterminated subpattern at character 0"},
      {"a)", "unbalanced parenthesis at character 1"},
      {"[a", "unterminated character set at character 0"},
      {"[z-a]", "bad character range at character 1"},
      {R"([\w-z])", "bad character range at character 1"},
      {"*a", "nothing to repeat at character 0"},
      {"^*", "nothing to repeat at character 1"},
      {"{2}", "nothing to repeat at character 0"},
      {"a**", "multiple repeat at character 2"},
      {"a{2}{3}", "multiple repeat at character 4"},
      {"a{3,2}", "min repeat greater than max repeat at character 1"},
      {R"(a\q)", "bad escape \\q at character 1"},
      {"a\\", "bad escape (end of pattern) at character 1"},
      {R"(\x4)", "incomplete escape at character 0"},
      {R"(\U00110000)", "bad escape, past U+10FFFF, at character 0"},
      {"(?", "unknown extension (? at character 0"},
      {"(a)(b)",
       "more than one capturing group, of which a token pattern may have one, at character 3"},
  };
  for (const auto& c : cases) {
    const auto regex = Regex::make(c.pattern, kPython);
    ASSERT_FALSE(regex.ok()) << c.pattern;
    EXPECT_EQ(regex.error().code(), base::Code::Invalid) << c.pattern;
    EXPECT_EQ(regex.error().message(), "regular expression: " + std::string(c.message));
  }
  EXPECT_EQ(Regex::make("a\xff", kPython).error().message(),
            "regular expression: expected UTF-8, got \"\\xff\" at byte 1");
}

TEST(RegexTest, BoundsPatternNestingAndProgram) {
  EXPECT_EQ(Regex::make(std::string(5000, 'a'), kPython).error().message(),
            "regular expression: expected at most 4096 bytes, got 5000");
  const auto nested = [](std::size_t depth) {
    std::string pattern;
    for (std::size_t i = 0; i < depth; ++i) pattern += "(?:";
    return pattern + "a" + std::string(depth, ')');
  };
  EXPECT_TRUE(Regex::make(nested(50), kPython).ok());
  EXPECT_EQ(Regex::make(nested(51), kPython).error().message(),
            "regular expression: unsupported nesting this deep at character 153");
  EXPECT_TRUE(Regex::make("(?:ab){1000}(?:cd){1000}", kPython).ok());
  EXPECT_EQ(Regex::make("(?:(?:a{1000}){1000}){1000}", kPython).error().message(),
            "regular expression: expected at most 4096 instructions, got more");
}

TEST(RegexTest, IsLinearWhereBacktrackingIsExponential) {
  const auto regex = Regex::make("(?:a|aa)+b|(?:a+)+c", kPython);
  ASSERT_TRUE(regex.ok());
  EXPECT_EQ(matches(*regex, std::string(60, 'a')), std::vector<std::string>{});
}

TEST(RegexTest, RefusesATextThatNeedsQuadraticTime) {
  const auto regex = Regex::make("a.*b|a", kPython);
  ASSERT_TRUE(regex.ok());
  EXPECT_EQ(matches(*regex, std::string(500, 'a')).size(), 500U);
  Regex::Scratch scratch;
  std::vector<Span> found;
  const auto done = regex->find_all(std::string(20000, 'a'), scratch, found);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), base::Code::Exhausted);
  EXPECT_EQ(done.error().message(),
            "token_pattern: text of 20000 bytes: expected to be searched in a number of steps "
            "proportional to its length, got more");
}

TEST(RegexTest, KeepsToTheReleaseForEmptyMatches) {
  const struct {
    std::string_view pattern, text;
    PythonVersion version;
    std::size_t count;
  } cases[] = {
      {"|a", "aa", {3, 6}, 3},  // "", "", ""
      {"|a", "aa", {3, 7}, 5},  // "", "a", "", "a", ""
      {R"(\B)", "", {3, 13}, 0},
      {R"(\B)", "", {3, 14}, 1},
      {R"(\w+)", "\U00011F04", {3, 11}, 0},  // Kawi, of Unicode 15
      {R"(\w+)", "\U00011F04", {3, 12}, 1},
  };
  for (const auto& c : cases) {
    const auto regex = Regex::make(c.pattern, c.version);
    ASSERT_TRUE(regex.ok()) << c.pattern;
    EXPECT_EQ(matches(*regex, c.text).size(), c.count) << c.pattern << " " << c.version.minor;
  }
}

// The quick ways of find_all give what its search gives: a group makes it search.
TEST(RegexTest, RunsAgreeWithTheSearch) {
  const std::string text = "a ab_c x1y2 é caféx 12 ½ अनुच्छेद \U0001f600zz--yy_ " +
                           std::string(70, 'w') + " A" + std::string(58, '.') + "日本語 end";
  for (const std::string pattern :
       {R"(\w\w+)", R"(\w+)", R"(\w{3,})", R"(\S+)", R"([^\s.]+)", R"([a-zé]{2,})"}) {
    const auto runs = Regex::make(R"((?u))" + pattern, kPython);
    const auto searched = Regex::make("(" + pattern + ")", kPython);
    ASSERT_TRUE(runs.ok() && searched.ok());
    EXPECT_EQ(matches(*runs, text), matches(*searched, text)) << pattern;
  }
  for (const std::string pattern : {R"(\w\w+)", "[a-z]+", R"([^\W\d]+)", R"(\d+)", "[a-zé]{2,}"}) {
    const auto runs = Regex::make(R"(\b)" + pattern + R"(\b)", kPython);
    const auto searched = Regex::make(R"(\b()" + pattern + R"()\b)", kPython);
    ASSERT_TRUE(runs.ok() && searched.ok());
    EXPECT_EQ(matches(*runs, text), matches(*searched, text)) << pattern;
  }
}

TEST(RegexTest, FindsRunsAcrossEveryWordOfBits) {
  const auto regex = Regex::make(R"((?u)\b\w\w+\b)", kPython);
  ASSERT_TRUE(regex.ok());
  for (std::size_t before = 0; before < 70; ++before) {
    for (const std::string word : {"ab", "éé", "日本", "abcdefghij"}) {
      const std::string spaces(before, ' ');
      EXPECT_EQ(matches(*regex, spaces + word), std::vector{word});
      EXPECT_EQ(matches(*regex, spaces + word + " x " + word), (std::vector{word, word}));
    }
  }
}

}  // namespace
}  // namespace text
