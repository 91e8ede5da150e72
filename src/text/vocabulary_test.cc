#include "text/vocabulary.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace text {
namespace {

TEST(VocabularyTest, GivesEachTermItsColumn) {
  const auto made = Vocabulary::make({{"the", 2}, {"", 0}, {"thé", 1}, {"a much longer term", 3}});
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->features(), 4U);
  EXPECT_EQ(made->find(""), 0U);
  EXPECT_EQ(made->find("thé"), 1U);
  EXPECT_EQ(made->find("the"), 2U);
  EXPECT_EQ(made->find("a much longer term"), 3U);
  EXPECT_EQ(made->find("th"), std::nullopt);
  EXPECT_EQ(made->find("a much longer terms"), std::nullopt);
}

TEST(VocabularyTest, OfNothingFindsNothing) {
  EXPECT_EQ(Vocabulary().find("a"), std::nullopt);
  EXPECT_EQ(Vocabulary::make({})->find(""), std::nullopt);
  EXPECT_EQ(Vocabulary::make({})->features(), 0U);
}

TEST(VocabularyTest, OutlivesTheTextItWasMadeOf) {
  Vocabulary vocabulary;
  {
    const std::string term = "a term that does not fit in place of a pointer";
    vocabulary = *Vocabulary::make({{term, 0}});
  }
  EXPECT_EQ(vocabulary.find("a term that does not fit in place of a pointer"), 0U);
}

TEST(VocabularyTest, FindsAllOfManyTermsAndNoOther) {
  std::vector<std::string> terms;
  for (int i = 0; i < 200000; ++i) terms.push_back("t" + std::to_string(i * 7));
  std::vector<Vocabulary::Entry> entries;
  for (const std::string& term : terms) {
    entries.emplace_back(term, static_cast<std::uint32_t>(entries.size()));
  }
  const auto made = Vocabulary::make(entries);
  ASSERT_TRUE(made.ok());
  for (std::size_t i = 0; i < terms.size(); ++i) {
    ASSERT_EQ(made->find(terms[i]), i) << terms[i];
    ASSERT_EQ(made->find("t" + std::to_string(i * 7 + 1)), std::nullopt);
  }
}

TEST(VocabularyTest, TellsTermsOfEveryLengthApart) {
  std::vector<std::string> terms;
  for (std::size_t length = 0; length < 100; ++length) {
    for (const char c : {'a', 'b', '\0'}) {
      if (length > 0 || c == 'a') terms.push_back(std::string(length, c));
    }
  }
  std::vector<Vocabulary::Entry> entries;
  for (const std::string& term : terms) {
    entries.emplace_back(term, static_cast<std::uint32_t>(entries.size()));
  }
  const auto made = Vocabulary::make(entries);
  ASSERT_TRUE(made.ok());
  for (std::size_t i = 0; i < terms.size(); ++i) EXPECT_EQ(made->find(terms[i]), i);
}

TEST(VocabularyTest, RefusesWhatIsNoVocabulary) {
  const struct {
    std::vector<Vocabulary::Entry> entries;
    std::string message;
  } cases[] = {
      {{{"a", 0}, {"b", 2}}, "vocabulary: term \"b\": expected a column below 2, got 2"},
      {{{"a", 0}, {"b", 0}}, "vocabulary: term \"b\": expected a column of its own, got 0 again"},
      {{{"a", 0}, {"b", 1}, {"a", 2}}, "vocabulary: term \"a\": expected once, got twice"},
  };
  for (const auto& c : cases) {
    const auto made = Vocabulary::make(c.entries);
    ASSERT_FALSE(made.ok()) << c.message;
    EXPECT_EQ(made.error().code(), base::Code::Invalid);
    EXPECT_EQ(made.error().message(), c.message);
  }
}

}  // namespace
}  // namespace text
