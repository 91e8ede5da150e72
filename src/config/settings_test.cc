#include "config/settings.h"

#include <gtest/gtest.h>

namespace config {
namespace {

using std::chrono::milliseconds;

constexpr Option kOptions[] = {
    {.name = "engine",
     .type = Type::Text,
     .fallback = "native",
     .min = 1,
     .max = 16,
     .sentence = "What computes."},
    {.name = "verbose", .type = Type::Bool, .fallback = "false", .sentence = "Says more."},
    {.name = "threads",
     .type = Type::Int,
     .fallback = "2",
     .min = 1,
     .max = 64,
     .unit = "threads",
     .sentence = "How many serve."},
    {.name = "ratio",
     .type = Type::Number,
     .fallback = "0.5",
     .min = 0,
     .max = 1,
     .sentence = "How much."},
    {.name = "body_bytes_max",
     .type = Type::Bytes,
     .fallback = "8 MiB",
     .min = 1 << 10,
     .max = 1 << 30,
     .sentence = "Longest body."},
    {.name = "idle_max",
     .type = Type::Duration,
     .fallback = "60 s",
     .min = 100,
     .max = 3'600'000,
     .sentence = "Longest silence."},
    {.name = "hosts",
     .type = Type::Texts,
     .fallback = "",
     .min = 0,
     .max = 3,
     .sentence = "Who is served."},
};

std::string read_problem(std::string_view text) {
  Settings settings(kOptions);
  const auto map = YamlMap::parse("sooth.yaml", text);
  if (!map.ok()) return map.error().message();
  const auto read = settings.read(*map);
  return read.ok() ? "none" : read.error().message();
}

std::string set_problem(std::string_view flag, std::string_view text) {
  Settings settings(kOptions);
  const auto set = settings.set(flag, text);
  return set.ok() ? "none" : set.error().message();
}

TEST(SettingsTest, StartsWithTheDefaults) {
  const Settings settings(kOptions);
  EXPECT_EQ(settings.text("engine"), "native");
  EXPECT_FALSE(settings.boolean("verbose"));
  EXPECT_EQ(settings.integer("threads"), 2);
  EXPECT_EQ(settings.number("ratio"), 0.5);
  EXPECT_EQ(settings.bytes("body_bytes_max"), 8U << 20);
  EXPECT_EQ(settings.duration("idle_max"), milliseconds(60'000));
  EXPECT_TRUE(settings.texts("hosts").empty());
}

TEST(SettingsTest, AYamlSectionReplacesThem) {
  Settings settings(kOptions);
  const auto map = YamlMap::parse("sooth.yaml",
                                  "engine: onnx\nverbose: true\nthreads: 8\nratio: 1\n"
                                  "body_bytes_max: 16 KiB\nidle_max: 5 min\nhosts: [a, b]\n");
  ASSERT_TRUE(map.ok());
  ASSERT_TRUE(settings.read(*map).ok());
  EXPECT_EQ(settings.text("engine"), "onnx");
  EXPECT_TRUE(settings.boolean("verbose"));
  EXPECT_EQ(settings.integer("threads"), 8);
  EXPECT_EQ(settings.number("ratio"), 1.0);
  EXPECT_EQ(settings.bytes("body_bytes_max"), 16U << 10);
  EXPECT_EQ(settings.duration("idle_max"), milliseconds(300'000));
  EXPECT_EQ(settings.texts("hosts"), (std::vector<std::string>{"a", "b"}));
}

TEST(SettingsTest, RefusesUnknownKeysAndValuesOutOfBounds) {
  const struct {
    std::string_view text;
    std::string_view expected;
  } cases[] = {
      {"threads: 4\nenigne: x\n",
       "sooth.yaml:2:1: unknown key \"enigne\"; did you mean \"engine\"?"},
      {"threads: 65\n",
       "sooth.yaml:1:10: key \"threads\": expected a whole number from 1 to 64, got \"65\""},
      {"threads: '4'\n",
       "sooth.yaml:1:10: key \"threads\": expected a whole number from 1 to 64, got text \"4\""},
      {"threads:\n",
       "sooth.yaml:1:1: key \"threads\": expected a whole number from 1 to 64, got nothing"},
      {"body_bytes_max: 2 GiB\n",
       "sooth.yaml:1:17: key \"body_bytes_max\": expected a size from 1 KiB to 1 GiB, "
       "got \"2 GiB\""},
      {"idle_max: 60\n",
       "sooth.yaml:1:11: key \"idle_max\": expected a duration from 100 ms to 1 h, got \"60\""},
      {"ratio: nan\n", "sooth.yaml:1:8: key \"ratio\": expected a number from 0 to 1, got \"nan\""},
      {"engine: ''\n",
       "sooth.yaml:1:9: key \"engine\": expected text of length from 1 to 16, got \"\""},
      {"engine: {a: b}\n",
       "sooth.yaml:1:9: key \"engine\": expected text of length from 1 to 16, got a map"},
      {"hosts: [a, b, c, d]\n",
       "sooth.yaml:1:8: key \"hosts\": expected a list of texts of length from 0 to 3, "
       "got 4 texts"},
      {"verbose: yes\n", "sooth.yaml:1:10: key \"verbose\": expected true or false, got \"yes\""},
  };
  for (const auto& c : cases) EXPECT_EQ(read_problem(c.text), c.expected);
}

TEST(SettingsTest, FlagsAreTheSameOptions) {
  Settings settings(kOptions);
  EXPECT_TRUE(settings.set("--body-bytes-max", "4096").ok());
  EXPECT_TRUE(settings.set("--hosts", "a,b").ok());
  EXPECT_EQ(settings.bytes("body_bytes_max"), 4096U);
  EXPECT_EQ(settings.texts("hosts"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(set_problem("--thread", "1"), "unknown flag \"--thread\"; did you mean \"--threads\"?");
  EXPECT_EQ(set_problem("--threads", "x"),
            "--threads: expected a whole number from 1 to 64, got \"x\"");
  EXPECT_EQ(set_problem("--idle-max", "99999999999999999 h"),
            "--idle-max: expected a duration from 100 ms to 1 h, got \"99999999999999999 h\"");
}

TEST(SettingsTest, HelpNamesBoundsAndDefaults) {
  EXPECT_EQ(help(std::span(kOptions).first(3)),
            "  --engine TEXT\n      What computes. (text of length from 1 to 16; default native)\n"
            "  --verbose true|false\n      Says more. (default false)\n"
            "  --threads N\n      How many serve. (a whole number from 1 to 64, in threads; "
            "default 2)\n");
}

}  // namespace
}  // namespace config
