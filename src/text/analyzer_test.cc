#include "text/analyzer.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace text {
namespace {

using Terms = std::vector<std::string>;

Terms terms(AnalyzerOptions options, std::string_view document) {
  const auto analyzer = Analyzer::make(std::move(options));
  EXPECT_TRUE(analyzer.ok());
  Analyzer::Scratch scratch;
  Terms out;
  const auto done = analyzer->for_each_term(document, scratch,
                                            [&](std::string_view term) { out.emplace_back(term); });
  EXPECT_TRUE(done.ok());
  return out;
}

AnalyzerOptions ngrams(AnalyzerKind kind, std::size_t min, std::size_t max) {
  AnalyzerOptions options;
  options.analyzer = kind;
  options.ngram_min = min;
  options.ngram_max = max;
  return options;
}

TEST(AnalyzerTest, SplitsWordsOfTwoCharactersAndMore) {
  EXPECT_EQ(terms({}, "It's a TEST, é x² 日本語"), (Terms{"it", "test", "x²", "日本語"}));
  EXPECT_EQ(terms({}, ""), Terms{});
}

TEST(AnalyzerTest, GivesShortWordNgramsFirst) {
  EXPECT_EQ(terms(ngrams(AnalyzerKind::Word, 1, 3), "to be, or"),
            (Terms{"to", "be", "or", "to be", "be or", "to be or"}));
  EXPECT_EQ(terms(ngrams(AnalyzerKind::Word, 2, 2), "to"), Terms{});
  EXPECT_EQ(terms(ngrams(AnalyzerKind::Word, 2, 9), "to be"), Terms{"to be"});
}

TEST(AnalyzerTest, JoinsTheNeighboursOfAStopWord) {
  AnalyzerOptions options = ngrams(AnalyzerKind::Word, 1, 2);
  options.stop_words = {"the", "the", "of"};
  EXPECT_EQ(terms(options, "end of THE line"), (Terms{"end", "line", "end line"}));
}

TEST(AnalyzerTest, CollapsesOnlyRunsOfSpaces) {
  EXPECT_EQ(terms(ngrams(AnalyzerKind::Char, 1, 1), "a\nb \u2003c\r\n"),
            (Terms{"a", "\n", "b", " ", "c", " "}));
  EXPECT_EQ(terms(ngrams(AnalyzerKind::Char, 2, 3), "éa b"),
            (Terms{"éa", "a ", " b", "éa ", "a b"}));
  EXPECT_EQ(terms(ngrams(AnalyzerKind::Char, 3, 4), "ab"), Terms{});
}

TEST(AnalyzerTest, PadsWordsAndCountsShortOnesOnce) {
  EXPECT_EQ(terms(ngrams(AnalyzerKind::CharWb, 3, 5), " ab\tc"),
            (Terms{" ab", "ab ", " ab ", " c "}));
  EXPECT_EQ(terms(ngrams(AnalyzerKind::CharWb, 9, 9), "ab c"), (Terms{" ab ", " c "}));
}

TEST(AnalyzerTest, StripsAccentsAfterLowering) {
  AnalyzerOptions options;
  options.strip_accents = StripAccents::Unicode;
  EXPECT_EQ(terms(options, "ÉTÉ ﬁn İs"), (Terms{"ete", "fin", "is"}));
  options.strip_accents = StripAccents::Ascii;
  EXPECT_EQ(terms(options, "ÉTÉ straße"), (Terms{"ete", "strae"}));
  options.lowercase = false;
  EXPECT_EQ(terms(options, "ÉTÉ"), Terms{"ETE"});
}

TEST(AnalyzerTest, KeepsTheAccentsOfNfkdTextForReleasesBefore022) {
  AnalyzerOptions options;
  options.token_pattern = R"(\S+)";
  options.strip_accents = StripAccents::UnicodeUnlessNfkd;
  EXPECT_EQ(terms(options, "e\u0301te\u0301"), Terms{"e\u0301te\u0301"});
  EXPECT_EQ(terms(options, "e\u0301té"), Terms{"ete"});
  options.strip_accents = StripAccents::Unicode;
  EXPECT_EQ(terms(options, "e\u0301te\u0301"), Terms{"ete"});
}

TEST(AnalyzerTest, TakesTheGroupForTheToken) {
  AnalyzerOptions options;
  options.token_pattern = "#([a-z]+)";
  EXPECT_EQ(terms(options, "#One two #three"), (Terms{"one", "three"}));
}

TEST(AnalyzerTest, FollowsThePythonRelease) {
  AnalyzerOptions options;
  options.token_pattern = R"(\w+)";
  options.python = {3, 11};
  EXPECT_EQ(terms(options, "\U00011F04"), Terms{});
  options.python = {3, 12};
  EXPECT_EQ(terms(options, "\U00011F04"), Terms{"\U00011F04"});
}

TEST(AnalyzerTest, UsesOneScratchForAnyAnalyzer) {
  const auto words = Analyzer::make({});
  const auto chars = Analyzer::make(ngrams(AnalyzerKind::CharWb, 2, 2));
  Analyzer::Scratch scratch;
  for (int i = 0; i < 3; ++i) {
    Terms out;
    const auto keep = [&](std::string_view term) { out.emplace_back(term); };
    ASSERT_TRUE(words->for_each_term("one longer document", scratch, keep).ok());
    ASSERT_TRUE(chars->for_each_term("ab", scratch, keep).ok());
    EXPECT_EQ(out, (Terms{"one", "longer", "document", " a", "ab", "b "}));
  }
}

TEST(AnalyzerTest, RefusesWhatItCannotFollow) {
  EXPECT_EQ(Analyzer::make(ngrams(AnalyzerKind::Word, 0, 1)).error().message(),
            "ngram_range: expected 1 <= min_n <= max_n, got (0, 1)");
  EXPECT_EQ(Analyzer::make(ngrams(AnalyzerKind::Word, 3, 2)).error().message(),
            "ngram_range: expected 1 <= min_n <= max_n, got (3, 2)");
  AnalyzerOptions options;
  options.token_pattern = "(?i)a";
  const auto refused = Analyzer::make(options);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), base::Code::Unsupported);
  EXPECT_EQ(refused.error().message(),
            "token_pattern \"(?i)a\": regular expression: unsupported flags (?i) at character 0");
  // Characters are not tokenised, so their pattern does not matter.
  options.analyzer = AnalyzerKind::Char;
  EXPECT_TRUE(Analyzer::make(options).ok());
}

TEST(EnglishStopWordsTest, AreTheListOfScikitLearn) {
  const Terms words = english_stop_words();
  EXPECT_EQ(words.size(), 318U);
  EXPECT_EQ(words.front(), "a");
  EXPECT_EQ(words.back(), "yourselves");
}

}  // namespace
}  // namespace text
