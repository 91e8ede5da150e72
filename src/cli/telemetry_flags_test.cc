#include "cli/telemetry_flags.h"

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include "cli/test_sink.h"
#include "net/test_server.h"

namespace cli {
namespace {

class TelemetryFlagsTest : public ::testing::Test {
 protected:
  World world() {
    return {.in = in_,
            .out = out_,
            .err = out_,
            .now = std::chrono::steady_clock::now,
            .wall_now = std::chrono::system_clock::now,
            .environment = [this](const std::string& name) {
              const auto at = variables_.find(name);
              return at == variables_.end() ? "" : at->second;
            }};
  }
  auto start(const TelemetryFlags& flags) {
    return RequestTelemetry::start(world(), flags, *log_, metrics_);
  }
  std::string refusal(const TelemetryFlags& flags) {
    const auto made = start(flags);
    return made.ok() ? "no error" : made.error().message();
  }
  std::string logged() {
    log_.reset();  // Writes what is queued.
    return written_.str();
  }

  table::TextSource in_{""};
  TextSink out_;
  std::map<std::string, std::string> variables_;
  std::ostringstream written_;
  telemetry::Metrics metrics_;
  std::unique_ptr<telemetry::Log> log_ = std::make_unique<telemetry::Log>(
      telemetry::Log::Options{}, std::make_shared<spdlog::sinks::ostream_sink_mt>(written_));
};

TEST_F(TelemetryFlagsTest, NothingIsWrittenUnlessAskedFor) {
  const auto made = start({});
  ASSERT_TRUE(made.ok());
  EXPECT_EQ((*made)->queue(), nullptr);
  EXPECT_EQ((*made)->sampler().ratio, 0);
  EXPECT_TRUE((*made)->sampler().follows_parent);
}

TEST_F(TelemetryFlagsTest, RequestsAreLogged) {
  {
    auto made = start({.log_requests = true});
    ASSERT_TRUE(made.ok()) << made.error().message();
    telemetry::Scored event;
    event.endpoint = "faq";
    ASSERT_TRUE((*made)->queue()->push(event));
  }
  EXPECT_NE(logged().find("\"message\":\"scored\",\"endpoint\":\"faq\""), std::string::npos);
}

TEST_F(TelemetryFlagsTest, SpansGoWhereTheFlagSays) {
  std::mutex mutex;
  std::string got;
  const net::ScriptedServer collector([&](auto& socket) {
    const std::scoped_lock lock(mutex);
    got = net::read_request(socket);
    net::write_text(socket, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  });
  variables_ = {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"},
                {"OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=a"},
                {"OTEL_SERVICE_NAME", "shop"}};
  {
    auto made =
        start({.trace_endpoint = "http://127.0.0.1:" + std::to_string(collector.port()) + "/in",
               .trace_ratio = "0.5"});
    ASSERT_TRUE(made.ok()) << made.error().message();
    EXPECT_EQ((*made)->sampler(), (telemetry::Sampler{.follows_parent = true, .ratio = 0.5}));
    telemetry::Scored event;
    event.trace = telemetry::find_place("", {.ratio = 1}, telemetry::fast_random_bits);
    ASSERT_TRUE((*made)->queue()->push(event));
  }
  const std::scoped_lock lock(mutex);
  EXPECT_TRUE(got.starts_with("POST /in HTTP/1.1\r\n")) << got;
  EXPECT_NE(got.find("x-tenant: a\r\n"), std::string::npos);
  EXPECT_NE(got.find("shop"), std::string::npos);
}

TEST_F(TelemetryFlagsTest, WarnsOfFieldsInClearText) {
  variables_ = {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://192.0.2.1:4318"},
                {"OTEL_EXPORTER_OTLP_HEADERS", "api-key=hunter2"}};
  ASSERT_TRUE(start({}).ok());
  const std::string text = logged();
  EXPECT_NE(text.find("sent in clear text"), std::string::npos);
  EXPECT_EQ(text.find("hunter2"), std::string::npos);
}

TEST_F(TelemetryFlagsTest, NamesWhatItDoesNotUnderstand) {
  EXPECT_EQ(refusal({.log_requests = true, .log_ratio = "2"}),
            "--log-ratio: expected 0 to 1, got \"2\"");
  EXPECT_EQ(refusal({.trace_endpoint = "http://h", .trace_ratio = "x"}),
            "--trace-ratio: expected 0 to 1, got \"x\"");
  EXPECT_TRUE(refusal({.trace_endpoint = "collector:4318"}).starts_with("endpoint of traces: "));
  variables_ = {{"OTEL_TRACES_SAMPLER", "most"}};
  EXPECT_TRUE(refusal({}).starts_with("OTEL_TRACES_SAMPLER: expected "));
}

}  // namespace
}  // namespace cli
