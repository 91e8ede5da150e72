#include "data/frame.h"

#include <cmath>
#include <string>

#include <gtest/gtest.h>

namespace data {
namespace {

Signature age_and_city() { return {{{"age", ColumnType::Number}, {"city", ColumnType::Text}}}; }

TEST(FrameTest, ANewRowIsMissingEverywhere) {
  Frame frame(age_and_city());
  EXPECT_EQ(frame.add_row(), 0U);
  EXPECT_TRUE(std::isnan(frame.numbers(0)[0]));
  EXPECT_TRUE(is_missing(frame.texts(1)[0]));
}

TEST(FrameTest, AnEmptyTextIsNotMissing) {
  Frame frame(age_and_city());
  frame.add_row();
  frame.set_text(0, 1, "");
  EXPECT_FALSE(is_missing(frame.texts(1)[0]));
  frame.set_text(0, 1, std::string_view());
  EXPECT_FALSE(is_missing(frame.texts(1)[0]));
}

TEST(FrameTest, CopiedTextsStayWhereTheyAre) {
  Frame frame(age_and_city());
  const std::string long_text(100'000, 'x');
  for (std::size_t i = 0; i < 100; ++i) {
    frame.add_row();
    frame.copy_text(i, 1, i == 50 ? long_text : std::string(1000, static_cast<char>('a' + i % 26)));
  }
  EXPECT_EQ(frame.texts(1)[0], std::string(1000, 'a'));
  EXPECT_EQ(frame.texts(1)[50], long_text);
  EXPECT_EQ(frame.texts(1)[99], std::string(1000, static_cast<char>('a' + 99 % 26)));
}

TEST(FrameTest, ClearingForgetsRowsAndCopiesAgain) {
  Frame frame(age_and_city());
  frame.add_row();
  frame.copy_text(0, 1, "before");
  frame.clear();
  EXPECT_EQ(frame.rows(), 0U);
  frame.add_row();
  frame.copy_text(0, 1, "after");
  EXPECT_EQ(frame.texts(1)[0], "after");
  EXPECT_TRUE(std::isnan(frame.numbers(0)[0]));
}

TEST(LabelsTest, AreWrittenAsPythonWritesThem) {
  EXPECT_EQ(label_text(Labels{std::vector<std::int64_t>{-3, 7}}, 1), "7");
  EXPECT_EQ(label_text(Labels{std::vector<double>{1.0, 0.5}}, 0), "1.0");
  EXPECT_EQ(label_text(Labels{std::vector<bool>{false, true}}, 1), "True");
  EXPECT_EQ(label_text(Labels{std::vector<std::string>{"spam"}}, 0), "spam");
  EXPECT_EQ(label_count(Labels{}), 0U);
}

TEST(SignatureTest, FindsAColumnByName) {
  EXPECT_EQ(age_and_city().find("city"), 1U);
  EXPECT_EQ(age_and_city().find("City"), std::nullopt);
}

}  // namespace
}  // namespace data
