#include "deploy/change.h"

#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace deploy {
namespace {

using nlohmann::ordered_json;

std::string change_text(const char* before, const char* after) {
  return to_text(
      compare_fields("endpoint faq", ordered_json::parse(before), ordered_json::parse(after)));
}

TEST(ChangeTest, NamesEachFieldThatDiffers) {
  EXPECT_EQ(change_text(R"({"a": {"b": 1}})", R"({"a": {"b": 1}})"), "no change\n");
  EXPECT_EQ(change_text(R"({"a": {"b": "x", "c": 1}, "gone": true})",
                        R"({"a": {"b": "y", "c": 1, "new": [1]}})"),
            "~ endpoint faq\n"
            "    a.b: \"x\" -> \"y\"\n"
            "    a.new: (none) -> [1]\n"
            "    gone: true -> (none)\n");
  EXPECT_EQ(change_text(R"({"labels": {"a.b/c": "x"}})", R"({"labels": {"a.b/c": "y"}})"),
            "~ endpoint faq\n    labels[a.b/c]: \"x\" -> \"y\"\n");
  EXPECT_EQ(change_text(R"({"a": 1})", R"({"a": {"b": 2}})"),
            "~ endpoint faq\n    a: 1 -> {\"b\":2}\n");
}

TEST(ChangeTest, TheFirstCreatesTheWhole) {
  const auto changes = compare_fields("endpoint faq", std::nullopt, {{"a", 1}});
  EXPECT_EQ(to_text(changes), "+ endpoint faq\n");
  EXPECT_EQ(to_json(changes).dump(), R"([{"change":"create","object":"endpoint faq"}])");
}

}  // namespace
}  // namespace deploy
