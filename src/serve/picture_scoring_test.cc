#include "serve/picture_scoring.h"

#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "scorer/test_network.h"

namespace serve {
namespace {

using scorer::testing::TestNetwork;

// A model of colours whose network is best given so many pictures at once.
struct Colours {
  explicit Colours(const scorer::testing::TestNetworkOptions& options)
      : deployment("colours", "1", *scorer::testing::load_test_pictures(options)) {}
  explicit Colours(std::size_t rows_max) : Colours({.rows_max = rows_max}) {}

  std::size_t runs() const {
    return dynamic_cast<const TestNetwork&>(deployment.scorer().image()->network()).runs();
  }
  // The best of each, as "red green", "-" where there is none; or what is wrong with the request.
  std::string answer(const std::vector<std::string>& pictures, bool row_by_row) {
    auto session = deployment.borrow();
    session->ask.row_by_row = row_by_row;
    for (const std::string& picture : pictures) {
      const std::size_t row = session->ask.frame.add_row();
      session->ask.frame.copy_text(row, 0, picture);
    }
    const auto scored = deployment.score(*session);
    if (!scored.ok()) return scored.error().message();
    std::string best;
    const contract::Answers& answers = session->answers;
    for (std::size_t row = 0; row < answers.rows; ++row) {
      const auto& labels = deployment.scorer().image()->labels().rows;
      const auto first = answers.ranked[row * answers.ranks].candidate;
      best += (row == 0 ? "" : " ") +
              (answers.failures[row].empty() ? labels[first].answer_id : std::string("-"));
    }
    return best;
  }

  Deployment deployment;
};

const std::vector<std::string> kPictures = {
    scorer::testing::red_png(), scorer::testing::green_png(), "no picture",
    scorer::testing::blue_png(), scorer::testing::green_png()};

TEST(PictureScoringTest, AsManyAreRunAtOnceAsIsBest) {
  for (const std::size_t rows_max : {1U, 2U, 3U, 8U}) {
    Colours colours(rows_max);
    const std::size_t before = colours.runs();
    EXPECT_EQ(colours.answer(kPictures, true), "red green - blue green") << rows_max;
    EXPECT_EQ(colours.runs() - before, (4 + rows_max - 1) / rows_max) << rows_max;
  }
}

TEST(PictureScoringTest, ABrokenOneIsNamedWhereItEndsTheRequest) {
  Colours colours(4);
  EXPECT_EQ(colours.answer(kPictures, false).substr(0, 7), "row 2: ");
  EXPECT_EQ(colours.answer({"none", "none"}, true).substr(0, 7), "row 1: ");
  EXPECT_NE(colours.answer({"none"}, true).substr(0, 3), "row");
}

TEST(PictureScoringTest, TheLastMayBeTheBrokenOne) {
  Colours colours(2);
  EXPECT_EQ(colours.answer({scorer::testing::red_png(), "none"}, true), "red -");
  EXPECT_EQ(colours.answer({"none", scorer::testing::red_png()}, true), "- red");
}

TEST(PictureScoringTest, WhatTheNetworkMakesNothingOfIsNamedByItsRun) {
  const auto refusal = [](std::size_t rows_max, std::size_t pictures) {
    Colours colours({.last = std::numeric_limits<double>::infinity(), .rows_max = rows_max});
    return colours.answer(std::vector<std::string>(pictures, scorer::testing::red_png()), true);
  };
  EXPECT_EQ(refusal(4, 3).substr(0, 13), "rows 0 to 2: ");
  EXPECT_EQ(refusal(1, 3).substr(0, 7), "row 0: ");
  EXPECT_EQ(refusal(4, 1).substr(0, 7), "image: ");
}

}  // namespace
}  // namespace serve
