#include "telemetry/otel_settings.h"

#include <map>
#include <string>

#include <gtest/gtest.h>

namespace telemetry {
namespace {

using Set = std::map<std::string, std::string>;

base::Result<OtelSettings> read(const Set& set) {
  return read_otel_settings([&set](const std::string& name) {
    const auto at = set.find(name);
    return at == set.end() ? "" : at->second;
  });
}

std::string refusal(const Set& set) {
  const auto settings = read(set);
  return settings.ok() ? "no error" : settings.error().message();
}

TEST(OtelSettingsTest, SayNothingByDefault) {
  const auto settings = read({});
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(*settings, OtelSettings());
}

TEST(OtelSettingsTest, AnEndpointIsBelowTheGeneralOneOrAsItIs) {
  EXPECT_EQ(read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"}})->traces_url,
            "http://c:4318/v1/traces");
  EXPECT_EQ(read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318/a/"}})->traces_url,
            "http://c:4318/a/v1/traces");
  EXPECT_EQ(read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"},
                  {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://t:1/x"}})
                ->traces_url,
            "http://t:1/x");
}

TEST(OtelSettingsTest, ReadsHeadersAndDecodesThem) {
  const auto settings =
      read({{"OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%20b%3D, x = y=z ,,percent=1%"}});
  ASSERT_TRUE(settings.ok());
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"api-key", "a b="}, {"x", "y=z"}, {"percent", "1%"}};
  EXPECT_EQ(settings->headers, expected);
  EXPECT_EQ(
      read({{"OTEL_EXPORTER_OTLP_HEADERS", "a=b"}, {"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "c=d"}})
          ->headers,
      (std::vector<std::pair<std::string, std::string>>{{"c", "d"}}));
}

TEST(OtelSettingsTest, ReadsTheRest) {
  const auto settings = read({{"OTEL_SERVICE_NAME", "shop"},
                              {"OTEL_EXPORTER_OTLP_CERTIFICATE", "/ca.pem"},
                              {"OTEL_EXPORTER_OTLP_TIMEOUT", "2500"},
                              {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"},  // Nothing is sent anyway.
                              {"OTEL_TRACES_SAMPLER", "parentbased_traceidratio"},
                              {"OTEL_TRACES_SAMPLER_ARG", "0.25"}});
  ASSERT_TRUE(settings.ok()) << settings.error().message();
  EXPECT_EQ(settings->service_name, "shop");
  EXPECT_EQ(settings->ca_file, "/ca.pem");
  EXPECT_EQ(settings->send_time_max, std::chrono::milliseconds(2500));
  EXPECT_EQ(settings->sampler, (Sampler{.follows_parent = true, .ratio = 0.25}));
}

TEST(OtelSettingsTest, KnowsTheSamplers) {
  const auto sampler = [](const char* name, const char* argument = "") {
    return *parse_sampler(name, argument);
  };
  EXPECT_EQ(sampler("always_on"), (Sampler{.follows_parent = false, .ratio = 1}));
  EXPECT_EQ(sampler("always_off"), (Sampler{.follows_parent = false, .ratio = 0}));
  EXPECT_EQ(sampler("traceidratio", "0.5"), (Sampler{.follows_parent = false, .ratio = 0.5}));
  EXPECT_EQ(sampler("parentbased_always_on"), (Sampler{.follows_parent = true, .ratio = 1}));
  EXPECT_EQ(sampler("parentbased_always_off"), (Sampler{.follows_parent = true, .ratio = 0}));
  EXPECT_EQ(sampler("parentbased_traceidratio"), (Sampler{.follows_parent = true, .ratio = 1}));
}

TEST(OtelSettingsTest, CanBeSwitchedOff) {
  const Set endpoint = {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"}};
  Set off = endpoint;
  off["OTEL_SDK_DISABLED"] = "true";
  EXPECT_EQ(read(off)->traces_url, "");
  off = endpoint;
  off["OTEL_TRACES_EXPORTER"] = "none";
  EXPECT_EQ(read(off)->traces_url, "");
}

TEST(OtelSettingsTest, NamesWhatItDoesNotUnderstand) {
  EXPECT_EQ(refusal({{"OTEL_TRACES_SAMPLER", "jaeger_remote"}}),
            "OTEL_TRACES_SAMPLER: expected always_on, always_off or traceidratio, or one of them "
            "behind parentbased_, got \"jaeger_remote\"");
  EXPECT_EQ(refusal({{"OTEL_TRACES_SAMPLER", "traceidratio"}, {"OTEL_TRACES_SAMPLER_ARG", "2"}}),
            "OTEL_TRACES_SAMPLER_ARG: expected 0 to 1, got \"2\"");
  EXPECT_EQ(refusal({{"OTEL_EXPORTER_OTLP_TIMEOUT", "10s"}}),
            "OTEL_EXPORTER_OTLP_TIMEOUT: expected 1 to 60000 milliseconds, got \"10s\"");
  EXPECT_EQ(refusal({{"OTEL_TRACES_EXPORTER", "zipkin"}}),
            "OTEL_TRACES_EXPORTER: expected otlp or none, got \"zipkin\"");
  EXPECT_EQ(refusal({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4317"},
                     {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}}),
            "OTEL_EXPORTER_OTLP_PROTOCOL: expected http/protobuf, got \"grpc\"; collectors listen "
            "for it on port 4318");
  EXPECT_EQ(refusal({{"OTEL_EXPORTER_OTLP_HEADERS", "my secret"}}),
            "OTEL_EXPORTER_OTLP_HEADERS: expected name=value,name=value, got a part without a name "
            "or without a value");
}

}  // namespace
}  // namespace telemetry
