#include "data/frame.h"

#include <cmath>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace data {
namespace {

Signature age_and_city() { return {{{"age", ColumnType::Number}, {"city", ColumnType::Text}}}; }

TEST(FrameTest, ANewRowIsMissingEverywhere) {
  Frame frame(age_and_city());
  EXPECT_EQ(frame.add_row(), 0U);
  EXPECT_TRUE(std::isnan(frame.number(0, 0)));
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
  EXPECT_TRUE(std::isnan(frame.number(0, 0)));
}

// So many columns that two rows make a block.
TEST(FrameTest, WideRowsLieInBlocksThatAreReadAsOne) {
  constexpr std::size_t kColumns = 20'000;
  Signature signature;
  for (std::size_t c = 0; c < kColumns; ++c) {
    signature.columns.push_back({std::to_string(c), ColumnType::Number});
  }
  Frame frame(signature);
  for (int round = 0; round < 2; ++round) {
    frame.add_row();
    frame.add_rows(3);
    EXPECT_EQ(frame.add_row(), 4U);
    EXPECT_TRUE(std::isnan(frame.number(3, kColumns - 1)));
    for (std::size_t r = 0; r < 5; ++r) {
      for (const std::size_t c : {std::size_t{7}, kColumns - 1}) {
        frame.set_number(r, c, static_cast<double>(r * kColumns + c));
      }
    }
    std::vector<double> read(4);
    frame.read_numbers(7, 1, 4, read.data());
    EXPECT_EQ(read, (std::vector<double>{20'007, 40'007, 60'007, 80'007}));
    const std::size_t two[] = {kColumns - 1, 7};
    frame.read_numbers(two, 3, 2, read.data());
    EXPECT_EQ(read, (std::vector<double>{79'999, 60'007, 99'999, 80'007}));
    frame.clear();
  }
}

TEST(FrameTest, RowsWithoutNumbersAreReadAsNone) {
  Frame frame(Signature{});
  frame.add_row();
  frame.add_row();
  double untouched = 7;
  frame.read_numbers(std::span<const std::size_t>(), 0, 2, &untouched);
  EXPECT_EQ(untouched, 7);
}

TEST(FrameTest, ReadsBorrowedNumbersWhereTheyAre) {
  const float floats[] = {1.5F, 2.5F, 3.5F, 4.5F, 5.5F, 6.5F};
  const auto* bytes = reinterpret_cast<const char*>(floats);
  Frame frame({{{"a", ColumnType::Number}, {"b", ColumnType::Number}, {"c", ColumnType::Number}}});
  frame.set_rows(3);
  frame.borrow_numbers(0, Datatype::Fp32, bytes, 8);
  frame.borrow_numbers(1, Datatype::Uint8, bytes + 3, 4);
  for (std::size_t c = 0; c < 3; ++c) frame.make_column(c);
  EXPECT_TRUE(frame.is_borrowed(0));
  EXPECT_FALSE(frame.is_borrowed(2));
  double cells[4] = {};
  const std::size_t both[] = {1, 0};
  frame.read_numbers(both, 1, 2, cells);
  // The high byte of each float that is at least 2 is 0x40.
  EXPECT_EQ(std::vector<double>(cells, cells + 4), (std::vector<double>{64, 3.5, 64, 5.5}));
  frame.read_numbers(1, 1, 2, cells);
  EXPECT_EQ(cells[0], 64);
  EXPECT_EQ(cells[1], 64);
  frame.set_number(2, 2, 7);
  frame.read_numbers(2, 2, 1, cells);
  EXPECT_EQ(cells[0], 7);
  frame.read_numbers(2, 0, 1, cells);
  EXPECT_TRUE(std::isnan(cells[0]));
  frame.clear();
  EXPECT_FALSE(frame.is_borrowed(0));
  frame.add_row();
  EXPECT_TRUE(std::isnan(frame.number(0, 0)));
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

TEST(FrameTest, AnOptionalNumberIsZeroUntilItIsSet) {
  Signature signature = age_and_city();
  signature.columns[0].optional = true;
  Frame frame(signature);
  frame.add_rows(2);
  frame.set_number(1, 0, kMissingNumber);
  EXPECT_EQ(frame.number(0, 0), 0);
  EXPECT_TRUE(std::isnan(frame.number(1, 0)));
  frame.clear();
  frame.add_row();
  EXPECT_EQ(frame.number(0, 0), 0);
}

}  // namespace
}  // namespace data
