// The golden files of tools/unicode/sklearn_goldens.py, which says what their lines are.
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "text/analyzer.h"
#include "text/count_vectorizer.h"
#include "text/golden_fields.h"
#include "text/hashing_vectorizer.h"
#include "text/tfidf.h"

namespace text {
namespace {

using Settings = std::multimap<std::string, std::string>;

Settings settings(const std::vector<std::string>& fields) {
  Settings out;
  for (std::size_t i = 1; i < fields.size(); ++i) {
    const std::size_t equals = fields[i].find('=');
    out.emplace(fields[i].substr(0, equals), fields[i].substr(equals + 1));
  }
  return out;
}

std::string value(const Settings& settings, const std::string& name, std::string fallback) {
  const auto found = settings.find(name);
  return found == settings.end() ? std::move(fallback) : found->second;
}

AnalyzerOptions analyzer_options(const Settings& given, PythonVersion python) {
  AnalyzerOptions options;
  const std::string kind = value(given, "analyzer", "word");
  if (kind != "word") options.analyzer = kind == "char" ? AnalyzerKind::Char : AnalyzerKind::CharWb;
  options.lowercase = value(given, "lowercase", "True") == "True";
  const std::string accents = value(given, "strip_accents", "None");
  if (accents == "unicode") options.strip_accents = StripAccents::Unicode;
  if (accents == "ascii") options.strip_accents = StripAccents::Ascii;
  options.ngram_min = std::stoul(value(given, "ngram_min", "1"));
  options.ngram_max = std::stoul(value(given, "ngram_max", "1"));
  options.token_pattern = value(given, "token_pattern", options.token_pattern);
  if (value(given, "stop_words", "") == "english") options.stop_words = english_stop_words();
  const auto [first, last] = given.equal_range("stop_word");
  for (auto word = first; word != last; ++word) options.stop_words.push_back(word->second);
  options.python = python;
  return options;
}

Norm norm(const std::string& name) {
  if (name == "None") return Norm::None;
  return name == "l1" ? Norm::L1 : Norm::L2;
}

// Reads a golden file line by line and compares as it goes.
class Comparison {
 public:
  int compared = 0;

  void take(const std::vector<std::string>& fields) {
    const std::string& kind = fields[0];
    if (kind == "python") python_ = *PythonVersion::parse(fields[1]);
    if (kind == "doc") documents_.push_back(fields[1]);
    if (kind == "analyzer") open_analyzer(settings(fields));
    if (kind == "terms") compare_terms(fields);
    if (kind == "digest") compare_digest(fields);
    if (kind == "vocabulary") open_vocabulary(fields);
    if (kind == "idf") {
      for (std::size_t i = 1; i < fields.size(); ++i) idf_.push_back(std::stod(fields[i]));
    }
    if (kind == "rows") open_rows(settings(fields));
    if (kind == "row") compare_row(fields);
  }

 private:
  Analyzer make_analyzer(const Settings& given) {
    auto made = Analyzer::make(analyzer_options(given, python_));
    EXPECT_TRUE(made.ok());
    return *std::move(made);
  }

  void open_analyzer(const Settings& given) {
    given_ = given;
    analyzer_ = std::make_unique<Analyzer>(make_analyzer(given));
  }

  std::vector<std::string> terms(const std::string& document) {
    std::vector<std::string> out;
    const auto done = analyzer_->for_each_term(
        document, scratch_.analyzer, [&](std::string_view term) { out.emplace_back(term); });
    EXPECT_TRUE(done.ok());
    return out;
  }

  void compare_terms(const std::vector<std::string>& fields) {
    const std::string& document = documents_[std::stoul(fields[1])];
    EXPECT_EQ(terms(document), std::vector(fields.begin() + 2, fields.end()))
        << testing::PrintToString(given_) << " of " << document;
    ++compared;
  }

  void compare_digest(const std::vector<std::string>& fields) {
    const std::string& document = documents_[std::stoul(fields[1])];
    std::uint64_t digest = 0xcbf29ce484222325;
    std::size_t count = 0;
    for (const std::string& term : terms(document)) {
      ++count;
      for (std::size_t i = 0; i <= term.size(); ++i) {
        digest = (digest ^ static_cast<unsigned char>(term.c_str()[i])) * 0x100000001b3;
      }
    }
    EXPECT_EQ(count, std::stoul(fields[2])) << testing::PrintToString(given_) << " of " << document;
    EXPECT_EQ(digest, std::stoull(fields[3], nullptr, 16))
        << testing::PrintToString(given_) << " of " << document;
    ++compared;
  }

  void open_vocabulary(const std::vector<std::string>& fields) {
    std::vector<Vocabulary::Entry> entries;
    for (std::size_t i = 1; i < fields.size(); ++i) {
      entries.emplace_back(fields[i], static_cast<std::uint32_t>(i - 1));
    }
    auto made = Vocabulary::make(entries);
    ASSERT_TRUE(made.ok());
    vocabulary_ = *std::move(made);
  }

  void open_rows(const Settings& given) {
    given_ = given;
    const bool binary = value(given, "binary", "False") == "True";
    const std::string kind = value(given, "kind", "");
    counter_.reset();
    hasher_.reset();
    weights_ = {};
    weights_.norm = Norm::None;
    if (kind == "hashing") {
      HashingOptions options;
      options.n_features =
          static_cast<std::uint32_t>(std::stoul(value(given, "n_features", "1048576")));
      options.alternate_sign = value(given, "alternate_sign", "True") == "True";
      options.binary = binary;
      options.norm = norm(value(given, "norm", "l2"));
      hasher_ =
          std::make_unique<HashingVectorizer>(*HashingVectorizer::make(make_analyzer({}), options));
      return;
    }
    counter_ = std::make_unique<CountVectorizer>(make_analyzer({}), vocabulary_, binary);
    if (kind == "count") return;
    // A binary vectoriser has other idf values only in principle: idf counts documents.
    if (value(given, "use_idf", "True") == "True") weights_.idf = idf_;
    weights_.sublinear_tf = value(given, "sublinear_tf", "False") == "True";
    weights_.norm = norm(value(given, "norm", "l2"));
  }

  void compare_row(const std::vector<std::string>& fields) {
    const std::string& document = documents_[std::stoul(fields[1])];
    Row row;
    if (hasher_) {
      ASSERT_TRUE(hasher_->append(document, hashing_scratch_, row).ok());
    } else {
      ASSERT_TRUE(counter_->append(document, scratch_, row).ok());
      weights_.apply(row.indices, row.values);
    }
    ASSERT_EQ(row.indices.size(), fields.size() - 2) << document;
    for (std::size_t i = 0; i < row.indices.size(); ++i) {
      const std::string& cell = fields[i + 2];
      const std::size_t colon = cell.find(':');
      EXPECT_EQ(row.indices[i], std::stoul(cell.substr(0, colon))) << document;
      EXPECT_EQ(row.values[i], std::stod(cell.substr(colon + 1)))
          << testing::PrintToString(given_) << " of " << document;
    }
    ++compared;
  }

  PythonVersion python_;
  std::vector<std::string> documents_;
  Settings given_;
  std::unique_ptr<Analyzer> analyzer_;
  Vocabulary vocabulary_;
  std::vector<double> idf_;
  TfidfWeights weights_;
  std::unique_ptr<CountVectorizer> counter_;
  std::unique_ptr<HashingVectorizer> hasher_;
  CountVectorizer::Scratch scratch_;
  HashingVectorizer::Scratch hashing_scratch_;
};

int compare_file(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  Comparison comparison;
  std::string line;
  while (std::getline(file, line) && !testing::Test::HasFatalFailure()) {
    comparison.take(golden_fields(line));
  }
  return comparison.compared;
}

TEST(SklearnAgreementTest, GivesTheSameTermsCountsAndWeightsBitForBit) {
  EXPECT_EQ(compare_file(SOOTH_SOURCE_DIR "/src/text/testdata/sklearn_goldens.txt"),
            25 * (19 + 10));
}

// A golden file of other texts, too large to keep or not ours to keep.
TEST(SklearnAgreementTest, GivesTheSameForAFileGivenFromOutside) {
  const char* path = std::getenv("SOOTH_SKLEARN_GOLDENS");
  if (path == nullptr) GTEST_SKIP() << "SOOTH_SKLEARN_GOLDENS names no golden file";
  EXPECT_GT(compare_file(path), 0);
}

}  // namespace
}  // namespace text
