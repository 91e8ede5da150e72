#include "telemetry/log.h"

#include <functional>
#include <memory>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

namespace telemetry {
namespace {

// What `say` writes, without the time at the front of each line.
std::string logged(Log::Options options, const std::function<void(Log&)>& say) {
  std::ostringstream out;
  {
    Log log(options, std::make_shared<spdlog::sinks::ostream_sink_mt>(out));
    say(log);
  }
  std::string text;
  std::istringstream lines(out.str());
  for (std::string line; std::getline(lines, line);) {
    const std::size_t front =
        options.form == Log::Form::Json
            ? std::string_view("{\"time\":\"2026-01-02T03:04:05.678Z\",").size()
            : std::string_view("03:04:05.678 ").size();
    text += line.substr(front) + "\n";
  }
  return text;
}

std::string json(const std::function<void(Log&)>& say) { return logged({}, say); }

TEST(LogTest, WritesOneJsonObjectALine) {
  EXPECT_EQ(json([](Log& log) {
              log.info("listening", {{"port", 8080}, {"ready", true}, {"load", 0.5}});
              log.error("no model", {{"model", "faq:3"}});
            }),
            "\"level\":\"info\",\"message\":\"listening\",\"port\":8080,\"ready\":true,"
            "\"load\":0.5}\n"
            "\"level\":\"error\",\"message\":\"no model\",\"model\":\"faq:3\"}\n");
}

TEST(LogTest, BeginsWithTheTime) {
  std::ostringstream out;
  { Log({}, std::make_shared<spdlog::sinks::ostream_sink_mt>(out)).info("x"); }
  const std::string text = out.str();
  ASSERT_GE(text.size(), 35U);
  EXPECT_EQ(text.substr(0, 11), "{\"time\":\"20");
  EXPECT_EQ(text[19], 'T');
  EXPECT_EQ(text.substr(32, 2), "Z\"");
}

TEST(LogTest, WritesReadableLinesForPeople) {
  EXPECT_EQ(logged({.form = Log::Form::Readable},
                   [](Log& log) {
                     log.warn("slow", {{"took_ms", 12}, {"who", "a b"}});
                   }),
            "warn  slow took_ms=12 who=\"a b\"\n");
}

TEST(LogTest, NothingFromOutsideCanForgeALine) {
  const std::string_view hostile = "a\"}\n{\"level\":\"error\\\x1b[2J\x7f";
  EXPECT_EQ(json([&](Log& log) {
              log.info("m", {{"v", hostile}});
            }),
            "\"level\":\"info\",\"message\":\"m\",\"v\":\"a\\\"}\\u000a{\\\"level\\\":\\\"error"
            "\\\\\\u001b[2J\\u007f\"}\n");
  const std::string readable = logged({.form = Log::Form::Readable}, [&](Log& log) {
    log.info("first\nsecond\x1b\x9b\xc2\x9b", {{"v", hostile}});
  });
  EXPECT_TRUE(readable.starts_with("info  first\\u000asecond\\u001b\xEF\xBF\xBD\\u009b v="));
  EXPECT_EQ(readable.find('\n'), readable.size() - 1);
  EXPECT_EQ(readable.find('\x1b'), std::string::npos);
}

TEST(LogTest, ReplacesWhatIsNotUtf8AndCutsWhatIsLong) {
  EXPECT_EQ(json([](Log& log) {
              log.info("m", {{"v",
                              "a\xff"
                              "b"}});
            }),
            "\"level\":\"info\",\"message\":\"m\",\"v\":\"a\xEF\xBF\xBD"
            "b\"}\n");
  // The cut does not part the two bytes of the last character.
  const std::string text = std::string(1023, 'x') + "\xc3\xa9" + std::string(100, 'y');
  EXPECT_EQ(json([&](Log& log) {
              log.info("m", {{"v", std::string_view(text)}});
            }),
            "\"level\":\"info\",\"message\":\"m\",\"v\":\"" + std::string(1023, 'x') + "...\"}\n");
}

TEST(LogTest, NumbersThatJsonHasNotAreNull) {
  EXPECT_EQ(json([](Log& log) {
              log.info("m", {{"v", 1e300 * 1e300}});
            }),
            "\"level\":\"info\",\"message\":\"m\",\"v\":null}\n");
}

TEST(LogTest, WritesNoSecrets) {
  const std::string key = std::string("sooth_abcdefghijklmnop.") +
                          "adgjmpsvy36behknqtwz47cfilorux25adgjmpsvy36behknqtwz.41eb3c4d";
  EXPECT_EQ(json([&](Log& log) {
              log.info("got " + key, {{"because", "password=hunter2 is wrong"},
                                      {"password", "hunter2"},
                                      {"key", "abcdefghijklmnop"}});
            }),
            "\"level\":\"info\",\"message\":\"got [scrubbed: sooth key]\","
            "\"because\":\"password=[scrubbed: pair] is wrong\",\"password\":\"[scrubbed]\","
            "\"key\":\"abcdefghijklmnop\"}\n");
  EXPECT_EQ(logged({.form = Log::Form::Readable},
                   [&](Log& log) {
                     log.warn("slow", {{"who", "https://u:p@host"}});
                   }),
            "warn  slow who=\"https://[scrubbed: userinfo]@host\"\n");
}

TEST(LogTest, ASecretIsKnownThoughTheLineIsCutWithinIt) {
  const std::string text =
      std::string(1000, ' ') + "Authorization: Bearer " + std::string(2000, 'x');
  EXPECT_EQ(json([&](Log& log) {
              log.info("m", {{"v", std::string_view(text)}});
            }).find("xxx"),
            std::string::npos);
}

TEST(LogTest, IdsThatAreNamedSoStay) {
  const std::string id = "0af7651916cd43dd8448eb211c80319c";
  EXPECT_EQ(json([&](Log& log) {
              log.info("m", {{"trace_id", std::string_view(id)},
                             {"request_id", "550e8400-e29b-41d4-a716-446655440000"},
                             {"v", std::string_view(id)}});
            }),
            "\"level\":\"info\",\"message\":\"m\",\"trace_id\":\"" + id +
                "\",\"request_id\":\"550e8400-e29b-41d4-a716-446655440000\","
                "\"v\":\"[scrubbed: hex]\"}\n");
}

TEST(LogTest, LeavesOutWhatIsBelowItsLevel) {
  EXPECT_EQ(logged({.least = Level::Warn},
                   [](Log& log) {
                     log.debug("d");
                     log.info("i");
                     log.warn("w");
                   }),
            "\"level\":\"warn\",\"message\":\"w\"}\n");
}

}  // namespace
}  // namespace telemetry
