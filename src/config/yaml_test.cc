#include "config/yaml.h"

#include <string>

#include <gtest/gtest.h>

namespace config {
namespace {

YamlMap parsed(std::string_view text) {
  auto map = YamlMap::parse("sooth.yaml", text);
  EXPECT_TRUE(map.ok()) << (map.ok() ? "" : map.error().message());
  return map.ok() ? *std::move(map) : *YamlMap::parse("none", "");
}

std::string problem(std::string_view text) {
  const auto map = YamlMap::parse("sooth.yaml", text);
  return map.ok() ? "none" : map.error().message();
}

template <typename T>
std::string problem(const base::Result<T>& result) {
  return result.ok() ? "none" : result.error().message();
}

TEST(YamlTest, ReadsEachKindOfValue) {
  const YamlMap map = parsed(
      "engine: native\n"
      "top_k: 5\n"
      "rate: 0.25\n"
      "strict: true\n"
      "columns: [a, 'b c', \"3\"]\n"
      "image:\n  size: 224\n"
      "labels:\n  - name: cat\n  - name: dog\n");
  EXPECT_EQ(*map.get_string("engine"), "native");
  EXPECT_EQ(*map.get_int("top_k", 1, 10), 5);
  EXPECT_EQ(*map.get_number("rate"), 0.25);
  EXPECT_TRUE(*map.get_bool("strict"));
  EXPECT_EQ(*map.get_strings("columns"), (std::vector<std::string>{"a", "b c", "3"}));
  EXPECT_EQ(*map.get_map("image")->get_int("size", 1, 4096), 224);
  const auto labels = map.get_maps("labels");
  ASSERT_TRUE(labels.ok());
  ASSERT_EQ(labels->size(), 2U);
  EXPECT_EQ(*labels->at(1).get_string("name"), "dog");
}

TEST(YamlTest, AMapOutlivesTheOneItCameFrom) {
  const auto inner = parsed("a:\n  b: 1\n").get_map("a");
  ASSERT_TRUE(inner.ok());
  EXPECT_EQ(*inner->get_int("b", 0, 9), 1);
}

TEST(YamlTest, AnEmptyDocumentIsAnEmptyMap) {
  EXPECT_TRUE(parsed("").keys().empty());
  EXPECT_TRUE(parsed("# only a comment\n").keys().empty());
}

TEST(YamlTest, AnUnknownKeyIsRefusedWithASuggestion) {
  const YamlMap nested = parsed("a: 1\nrecipe: {kind: plain, enigne: onnx}\n");
  EXPECT_EQ(problem(nested.get_map("recipe")->only({"kind", "engine"})),
            "sooth.yaml:2:23: unknown key \"enigne\"; did you mean \"engine\"?");
  EXPECT_EQ(problem(nested.only({"a"})), "sooth.yaml:2:1: unknown key \"recipe\"");
  EXPECT_EQ(problem(nested.only({"a", "recipe"})), "none");
}

TEST(YamlTest, SaysWhatWasExpectedAndWhere) {
  const YamlMap map = parsed("k: '5'\nlist: [1, [2]]\nmap:\n  a: 1\nyes: yes\nnone:\n");
  const struct {
    std::string got;
    std::string expected;
  } cases[] = {
      {problem(map.get_int("k", 1, 9)),
       "sooth.yaml:1:4: key \"k\": expected a whole number from 1 to 9, got \"5\""},
      {problem(map.get_strings("list")),
       "sooth.yaml:2:11: key \"list\": expected text, got a list"},
      {problem(map.get_string("map")), "sooth.yaml:4:3: key \"map\": expected text, got a map"},
      {problem(map.get_bool("yes")),
       "sooth.yaml:5:6: key \"yes\": expected true or false, got \"yes\""},
      {problem(map.get_map("k")),
       "sooth.yaml:1:4: key \"k\": expected a map of keys and values, got \"5\""},
      {problem(map.get_maps("list")),
       "sooth.yaml:2:8: key \"list\": expected a map of keys and values, got \"1\""},
      {problem(map.get_string("absent")), "sooth.yaml:1:1: missing key \"absent\": expected text"},
      {problem(map.get_number("none")),
       "sooth.yaml:6:1: key \"none\": expected a number, got nothing"},
  };
  for (const auto& c : cases) EXPECT_EQ(c.got, c.expected);
}

TEST(YamlTest, RefusesWhatCouldUnfoldOrMeanSomethingElse) {
  const struct {
    std::string_view text;
    std::string_view expected;
  } cases[] = {
      {"a: &x 1\n", "sooth.yaml:1:4: anchors are not accepted: write the value out"},
      {"a: &x [1]\nb: *x\n", "sooth.yaml:1:4: anchors are not accepted: write the value out"},
      {"a: !!python/object:os.system x\n",
       "sooth.yaml:1:4: tags are not accepted: got \"tag:yaml.org,2002:python/object:os.system\""},
      {"a: 1\nb: 2\na: 3\n", "sooth.yaml:3:1: repeated key \"a\""},
      {"<<: {a: 1}\n", "sooth.yaml:1:1: merge keys are not accepted"},
      {"a: \"x\\Ny\"\n",
       "sooth.yaml:1:4: expected escapes that stand for UTF-8; write the character itself"},
      {"[a]: 1\n", "sooth.yaml:1:1: expected a word as key"},
      {"a: 1\n---\nb: 2\n", "sooth.yaml: expected one document"},
      {"- a\n- b\n", "sooth.yaml:1:1: expected a map of keys and values"},
      {"just text", "sooth.yaml:1:1: expected a map of keys and values"},
      {"a: 1\nb: \xff\n", "sooth.yaml:2:1: expected UTF-8"},
      {std::string_view("a: \0\n", 5), "sooth.yaml:1:1: expected text without control characters"},
  };
  for (const auto& c : cases) EXPECT_EQ(problem(c.text), c.expected) << c.text;
}

TEST(YamlTest, BrokenSyntaxIsAnErrorWithItsPosition) {
  for (const std::string_view text : {"a: [1, 2", "a: {b", "a: 'x", "a:\n\t- b", "a: b: c",
                                      "%YAML 9\n---\n", "a: \"\\xZZ\"", "*x", "? ? ?"}) {
    const std::string message = problem(text);
    EXPECT_TRUE(message.starts_with("sooth.yaml:")) << text << " -> " << message;
  }
}

TEST(YamlTest, BoundsTextDepthAndNodes) {
  EXPECT_EQ(problem(std::string((256 << 10) + 1, ' ')),
            "sooth.yaml: expected at most 256.0 KiB, got 256.0 KiB");
  EXPECT_EQ(problem("a: " + std::string(31, '[') + std::string(31, ']')), "none");
  EXPECT_EQ(problem("a: " + std::string(32, '[') + std::string(32, ']')),
            "sooth.yaml:1:35: expected at most 32 levels");
  EXPECT_TRUE(problem("a: " + std::string(200'000, '[')).find("levels") != std::string::npos);
  std::string many = "a: [";
  for (int i = 0; i < 20'000; ++i) many += "1,";
  EXPECT_TRUE(problem(many + "]").find("expected at most 20000 values") != std::string::npos);
}

}  // namespace
}  // namespace config
