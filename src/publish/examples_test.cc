#include "publish/examples.h"

#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "base/text.h"
#include "publish/test_workspace.h"

namespace publish {
namespace {

using scorer::Examples;
using scorer::Scorer;

std::shared_ptr<const Scorer> load(const std::string& path) {
  auto scorer = Scorer::load(path, Scorer::Options());
  EXPECT_TRUE(scorer.ok()) << scorer.error().message();
  return *std::move(scorer);
}

std::shared_ptr<const Scorer> passengers() {
  static const auto kScorer = load(SOOTH_SOURCE_DIR "/tests/scenario/data/passengers.joblib");
  return kScorer;
}

std::shared_ptr<const Scorer> faq() {
  static const auto kScorer = load(SOOTH_SOURCE_DIR "/demos/faq/similarity");
  return kScorer;
}

// Rows as text: cells by commas, a missing one as "-".
std::string text_of(const Examples& examples) {
  std::string text;
  for (const auto& row : examples.rows) {
    for (const Examples::Cell& cell : row) {
      if (const auto* number = std::get_if<double>(&cell)) {
        text += std::to_string(static_cast<int>(*number)) + ",";
      } else if (const auto* word = std::get_if<std::string>(&cell)) {
        text += *word + ",";
      } else {
        text += "-,";
      }
    }
    text += ";";
  }
  return text;
}

TEST(ExamplesTest, ReadsTheSameRowsFromEveryFormat) {
  struct Case {
    const char* name;
    const char* text;
  };
  constexpr Case kCases[] = {
      {"rows.csv", "age,fare,port\n30,7,Oslo\n,8,\n"},
      {"rows.txt", "port,fare,age\nOslo,7,30\n,8,\n"},
      {"rows.tsv", "age\tfare\tport\n30\t7\tOslo\n\t8\t\n"},
      {"rows.jsonl", "{\"age\":30,\"fare\":7,\"port\":\"Oslo\"}\n[null,8,null]\n"},
      {"rows.ndjson", "[30,7,\"Oslo\"]\n[null,8,null]\n"}};
  for (const Case& each : kCases) {
    const auto examples = read_examples(each.name, each.text, *passengers());
    ASSERT_TRUE(examples.ok()) << each.name << ": " << examples.error().message();
    EXPECT_EQ(text_of(*examples), "30,7,Oslo,;-,8,-,;") << each.name;
  }
}

TEST(ExamplesTest, RefusesRowsThatDoNotFit) {
  for (const char* text : {"", "age,fare\n1,2\n", "age,fare,port\n", "age,fare,port\nx,1,Oslo\n"}) {
    EXPECT_FALSE(read_examples("rows.csv", text, *passengers()).ok()) << text;
  }
}

TEST(ExamplesTest, ReadsQueriesByEitherName) {
  for (const char* text : {"input\nhow do I\nand why\n", "Text_x\nhow do I\nand why\n"}) {
    const auto examples = read_examples("queries.csv", text, *faq());
    ASSERT_TRUE(examples.ok()) << examples.error().message();
    EXPECT_EQ(examples->queries, (std::vector<std::string>{"how do I", "and why"}));
  }
  EXPECT_FALSE(read_examples("queries.csv", "question\nhow\n", *faq()).ok());
}

TEST(ExamplesTest, ReadsTheAnswersOfWhicheverMethodTheHeaderNames) {
  const auto labels = read_expected("a.csv", "predict\n0\n1\n", *passengers());
  ASSERT_TRUE(labels.ok()) << labels.error().message();
  EXPECT_EQ(labels->method, "predict");
  EXPECT_EQ(labels->labels, (std::vector<std::string>{"0", "1"}));
  const auto numbers =
      read_expected("a.tsv", "predict_proba(0)\tpredict_proba(1)\n0.25\t0.75\n", *passengers());
  ASSERT_TRUE(numbers.ok()) << numbers.error().message();
  EXPECT_EQ(numbers->method, "predict_proba");
  EXPECT_EQ(numbers->numbers, (std::vector<double>{0.25, 0.75}));
}

TEST(ExamplesTest, ReadsTheScoresOfAMatchByCandidate) {
  std::string header;
  std::string row;
  for (const auto& each : faq()->match()->candidates().rows) {
    header += (header.empty() ? "" : ",") + each.id;
    row += row.empty() ? "1" : ",0.5";
  }
  const auto expected = read_expected("a.csv", header + "\n" + row + "\n", *faq());
  ASSERT_TRUE(expected.ok()) << expected.error().message();
  EXPECT_EQ(expected->method, "match");
  EXPECT_EQ(expected->rows(), 1U);
  EXPECT_FALSE(read_expected("a.csv", "nobody\n1\n", *faq()).ok());
}

TEST(ExamplesTest, RefusesAnswersThatNoMethodGives) {
  EXPECT_FALSE(read_expected("a.csv", "score\n1\n", *passengers()).ok());
  EXPECT_FALSE(read_expected("a.csv", "predict\n", *passengers()).ok());
  // Without a header nothing says whose answers they are.
  const auto lines = read_expected("a.jsonl", "0\n1\n", *passengers());
  ASSERT_FALSE(lines.ok());
  EXPECT_EQ(
      lines.error().message(),
      "\"a.jsonl\": expected answers as CSV or TSV, whose header says which method gave them");
}

TEST(ExamplesTest, ReadsEachFormOfAnMlflowExample) {
  constexpr const char* kTexts[] = {
      R"({"columns": ["port", "age", "fare"], "data": [["Oslo", 30, 7], [null, null, 8]]})",
      R"([{"age": 30, "fare": 7, "port": "Oslo"}, {"age": null, "fare": 8, "port": null}])",
      R"({"data": [[30, 7, "Oslo"], [null, 8, null]]})",
      R"({"inputs": [[30, 7, "Oslo"], [null, 8, null]]})", R"([[30, 7, "Oslo"], [null, 8, null]])"};
  for (const char* text : kTexts) {
    const auto examples = read_mlflow_example(text, *passengers());
    ASSERT_TRUE(examples.ok()) << text << ": " << examples.error().message();
    EXPECT_EQ(text_of(*examples), "30,7,Oslo,;-,8,-,;") << text;
  }
}

TEST(ExamplesTest, RefusesAnMlflowExampleThatDoesNotFit) {
  constexpr const char* kTexts[] = {"",
                                    "{",
                                    "1",
                                    "{}",
                                    "[]",
                                    "[1, 2]",
                                    R"([{"age": 30}])",
                                    R"([[30, 7]])",
                                    R"([["x", 7, "Oslo"]])",
                                    R"({"columns": ["age"], "data": [[30]]})",
                                    R"({"columns": ["age"], "data": 3})",
                                    R"({"inputs": {"age": [30]}})"};
  for (const char* text : kTexts) {
    EXPECT_FALSE(read_mlflow_example(text, *passengers()).ok()) << text;
  }
  EXPECT_FALSE(read_mlflow_example("[]", *faq()).ok());
}

}  // namespace
}  // namespace publish
