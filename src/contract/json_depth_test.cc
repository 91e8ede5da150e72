#include "contract/json_depth.h"

#include <cstdint>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace contract {
namespace {

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

// As one would write it.
std::optional<std::size_t> find_plainly(std::string_view json, std::size_t depth_max) {
  std::int64_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (json[i] == '\\') {
      ++i;
    } else if (json[i] == '"') {
      in_string = !in_string;
    } else if (!in_string && (json[i] == '[' || json[i] == '{')) {
      if (++depth > static_cast<std::int64_t>(depth_max)) return i;
    } else if (!in_string && (json[i] == ']' || json[i] == '}')) {
      --depth;
    }
  }
  return std::nullopt;
}

TEST(JsonDepthTest, SaysWhereItIsOneTooMany) {
  EXPECT_EQ(find_too_deep("", 0), std::nullopt);
  EXPECT_EQ(find_too_deep("1", 0), std::nullopt);
  EXPECT_EQ(find_too_deep("[]", 0), 0U);
  EXPECT_EQ(find_too_deep(nested(64), 64), std::nullopt);
  EXPECT_EQ(find_too_deep(nested(65), 64), 64U);
  EXPECT_EQ(find_too_deep(R"({"a": [{"b": 1}], "c": {"d": [[1]]}})", 4), std::nullopt);
  EXPECT_EQ(find_too_deep(R"({"a": [{"b": 1}], "c": {"d": [[1]]}})", 3), 30U);
  EXPECT_EQ(find_too_deep(nested(1'000'000), 1000), 1000U);
}

TEST(JsonDepthTest, BracketsInTextsDoNotCount) {
  EXPECT_EQ(find_too_deep(R"(["[[[[{{{{\"[[[[", "\\", "]"])", 1), std::nullopt);
  EXPECT_EQ(find_too_deep(R"(["\\", [1]])", 1), 7U);
  // A text longer than a block, with its end and an escape on each side of a border.
  for (std::size_t size = 100; size < 300; ++size) {
    const std::string text(size, '[');
    EXPECT_EQ(find_too_deep("[\"" + text + "\"]", 1), std::nullopt);
    EXPECT_EQ(find_too_deep("[\"" + text + "\\\"[\", [1]]", 1), size + 8);
  }
}

TEST(JsonDepthTest, SiblingsDoNotAddUp) {
  std::string rows = "[";
  for (int i = 0; i < 10'000; ++i) rows += "[1, {\"a\": 2}],";
  rows += "[]]";
  EXPECT_EQ(find_too_deep(rows, 3), std::nullopt);
  EXPECT_EQ(find_too_deep(rows, 2), 5U);
}

TEST(JsonDepthTest, AgreesWithTheObviousWay) {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): each run the same.
  constexpr std::string_view kBytes = "[]{}\"\\ 1a";
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    const std::size_t size = random() % 300;
    // Few quotes in some, so that depth is reached.
    const std::size_t kinds = i % 2 == 0 ? kBytes.size() : 4;
    for (std::size_t at = 0; at < size; ++at) text += kBytes[random() % kinds];
    const std::size_t depth_max = random() % 12;
    ASSERT_EQ(find_too_deep(text, depth_max), find_plainly(text, depth_max)) << text;
  }
}

}  // namespace
}  // namespace contract
