#include "scorer/labels.h"

#include <string>

#include <gtest/gtest.h>

namespace scorer {
namespace {

// "id=name" of each.
std::vector<std::string> labels_of(std::string_view text) {
  const auto labels = parse_labels("l", text);
  EXPECT_TRUE(labels.ok()) << labels.error().message();
  if (!labels.ok()) return {};
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < labels->rows.size(); ++i) {
    EXPECT_EQ(labels->rows[i].answer, i);
    texts.push_back(labels->rows[i].id + "=" + labels->rows[i].answer_id);
  }
  EXPECT_EQ(labels->answers, texts.size());
  EXPECT_FALSE(labels->integer_answer_ids);
  return texts;
}

std::string refusal_of(std::string_view text) {
  const auto labels = parse_labels("l", text);
  if (labels.ok()) return "";
  EXPECT_EQ(labels.error().code(), base::Code::Invalid);
  return labels.error().message();
}

using Texts = std::vector<std::string>;

TEST(LabelsTest, ReadsLines) {
  EXPECT_EQ(labels_of("tench\ngold fish, Carassius\n"),
            (Texts{"0=tench", "1=gold fish, Carassius"}));
  EXPECT_EQ(labels_of("tench\ngoldfish\n\n"), (Texts{"0=tench", "1=goldfish"}));
  EXPECT_EQ(labels_of("tench\ngoldfish"), (Texts{"0=tench", "1=goldfish"}));
  EXPECT_EQ(labels_of("tench\r\ngoldfish\r\n"), (Texts{"0=tench", "1=goldfish"}));
  EXPECT_EQ(labels_of("n01\ttench\nn02\tgold\tfish\n"), (Texts{"n01=tench", "n02=gold\tfish"}));
  EXPECT_EQ(labels_of("\xef\xbb\xbf"
                      "k\xc3\xa4se\n"),
            Texts{"0=k\xc3\xa4se"});
  // Two kinds of crane are two categories.
  EXPECT_EQ(labels_of("crane\ncrane\n"), (Texts{"0=crane", "1=crane"}));
}

TEST(LabelsTest, ReadsTheIndexOfKeras) {
  EXPECT_EQ(labels_of(R"({"1": ["n02", "goldfish"], "0": ["n01", "tench"]})"),
            (Texts{"n01=tench", "n02=goldfish"}));
  EXPECT_EQ(labels_of("\xef\xbb\xbf \n"
                      R"({"0": ["7", ""]})"),
            Texts{"7="});
}

// JSON has no other integers.
TEST(LabelsTest, IdsAreIntegersWhereJsonCanWriteThemSo) {
  const auto integers = [](std::string_view text) { return parse_labels("l", text)->integer_ids; };
  EXPECT_TRUE(integers("tench\ngoldfish\n"));
  EXPECT_TRUE(integers("-7\ttench\n9223372036854775807\tgoldfish\n"));
  EXPECT_FALSE(integers("n01\ttench\n1\tgoldfish\n"));
  EXPECT_FALSE(integers("007\ttench\n"));
  EXPECT_FALSE(integers("-0\ttench\n"));
  EXPECT_FALSE(integers("9223372036854775808\ttench\n"));
}

TEST(LabelsTest, RefusesWithThePlace) {
  EXPECT_EQ(refusal_of(""), "l: expected at least one category");
  EXPECT_EQ(refusal_of("\n"), "l: expected at least one category");
  EXPECT_EQ(refusal_of("tench\n\ngoldfish\n"), "l: line 2: expected a category, got none");
  EXPECT_EQ(refusal_of("tench\n\n\n"), "l: line 2: expected a category, got none");
  EXPECT_EQ(refusal_of("n01\t\n"), "l: line 1: expected a category, got none");
  EXPECT_EQ(refusal_of("\ttench\n"), "l: line 1: expected a category, got none");
  EXPECT_EQ(refusal_of("tench\nk\xe4se\n"), "l: expected UTF-8, got another byte at 7");
  EXPECT_EQ(refusal_of("{}"), "l: expected at least one category");
  EXPECT_EQ(refusal_of("{"), "l: expected a JSON object of categories by their numbers");
  EXPECT_EQ(refusal_of(R"({"0": ["a", "b"]} x)"),
            "l: expected a JSON object of categories by their numbers");
  for (const char* text :
       {R"({"0": ["n0", "a"], "2": ["n2", "b"]})", R"({"0": ["n0", "a"], "1": "b"})",
        R"({"0": ["n0", "a"], "1": ["b"]})", R"({"0": ["n0", "a"], "1": ["n1", 7]})",
        R"({"0": ["n0", "a"], "01": ["n1", "b"]})"}) {
    EXPECT_EQ(refusal_of(text), R"(l: category 1: expected ["id", "name"])") << text;
  }
}

// What is compared by its id would otherwise be compared with another.
TEST(LabelsTest, AnIdStandsForOneCategory) {
  EXPECT_EQ(refusal_of("n01\ttench\nn02\tgoldfish\nn01\tlynx\n"),
            "l: category 2: expected another id than category 0's, got \"n01\"");
  EXPECT_EQ(refusal_of("1\ttench\ngoldfish\n"),
            "l: category 1: expected another id than category 0's, got \"1\"");
  EXPECT_EQ(refusal_of(R"({"0": ["a", "x"], "1": ["a", "y"]})"),
            "l: category 1: expected another id than category 0's, got \"a\"");
}

}  // namespace
}  // namespace scorer
