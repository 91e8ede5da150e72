#include "scenario.h"

#include <gtest/gtest.h>

namespace scenario {
namespace {

TEST(ScenarioTest, SplitsCommandsAndOutput) {
  const Scenario parsed = parse("## first\n$ a\nx\n\ny\n\n$ b\n> c\n\n## last\n");
  ASSERT_EQ(parsed.steps.size(), 2U);
  EXPECT_EQ(parsed.steps[0].before, std::vector<std::string>{"## first"});
  EXPECT_EQ(parsed.steps[0].command, "a");
  EXPECT_EQ(parsed.steps[0].output, (std::vector<std::string>{"x", "", "y"}));
  EXPECT_EQ(parsed.steps[1].command, "b\nc");
  EXPECT_TRUE(parsed.steps[1].output.empty());
  EXPECT_EQ(parsed.after, std::vector<std::string>{"## last"});
}

TEST(ScenarioTest, WritesWhatItParsed) {
  const std::string_view text = "## first\n$ a\nx\n\ny\n\n$ b\n> c\nz\n\n## last\n";
  EXPECT_EQ(write(parse(text)), text);
}

TEST(ScenarioTest, MatchesAnythingWhereToldSo) {
  EXPECT_TRUE(matches("a [..] c", "a b c"));
  EXPECT_TRUE(matches("[..]", ""));
  EXPECT_TRUE(matches("[..]b[..]", "abc"));
  EXPECT_FALSE(matches("a [..] c", "a b d"));
  EXPECT_FALSE(matches("a", "a "));
  EXPECT_FALSE(matches(std::vector<std::string>{"a"}, {"a", "b"}));
}

TEST(ScenarioTest, EndsTheOutputWithTheStatus) {
  EXPECT_EQ(output_lines("a\n\n", 0), std::vector<std::string>{"a"});
  EXPECT_EQ(output_lines("", 2), std::vector<std::string>{"[exit 2]"});
}

}  // namespace
}  // namespace scenario
