#include "deploy_local/desired.h"

#include <string>

#include <gtest/gtest.h>

namespace deploy_local {
namespace {

using base::Code;

deploy::EndpointSpec spec_of(const std::string& version) {
  auto spec = deploy::parse_endpoint("endpoint.yaml",
                                     "name: faq\ndeployments:\n  green: {version: '" + version +
                                         "'}\n  blue: {version: 'faq:1'}\n"
                                         "traffic: {green: 30, blue: 70}\n");
  EXPECT_TRUE(spec.ok()) << spec.error().message();
  return *spec;
}

Desired desired_of(const std::string& version) {
  return {.generation = 7,
          .port = 8080,
          .keys = true,
          .spec = spec_of(version),
          .previous = spec_of("faq:2")};
}

TEST(DesiredTest, ReadsWhatItWrites) {
  Desired desired = desired_of("faq:3");
  EXPECT_EQ(*parse_desired("x", to_text(desired)), desired);
  desired.previous.reset();
  desired.keys = false;
  const auto again = parse_desired("x", to_text(desired));
  ASSERT_TRUE(again.ok()) << again.error().message();
  EXPECT_EQ(*again, desired);
  // Of equals the first counts, so the order of the file has to stay.
  EXPECT_EQ(again->spec.deployments.front().name, "green");
}

std::string changed(const std::string& from, const std::string& to) {
  std::string text = to_text(desired_of("faq:3"));
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(DesiredTest, RefusesWhatItDidNotWrite) {
  const struct {
    std::string text;
    Code code;
    const char* message;
  } cases[] = {
      {"", Code::Corrupt, "f: expected a JSON object of at most 16 levels"},
      {std::string(40, '[') + std::string(40, ']'), Code::Corrupt,
       "f: expected a JSON object of at most 16 levels"},
      {std::string(kDesiredBytesMax + 1, ' '), Code::Exhausted, "f: expected at most 4.0 MiB"},
      {changed("\"format\": 1", "\"format\": 2"), Code::Corrupt,
       "f: \"format\": expected a whole number from 1 to 1"},
      {changed("\"port\": 8080", "\"port\": 70000"), Code::Corrupt,
       "f: \"port\": expected a whole number from 1 to 65535"},
      {changed("\"generation\": 7", "\"generation\": 18446744073709551615"), Code::Corrupt,
       "f: \"generation\": expected a whole number from 1 to 9223372036854775807"},
      {changed("\"keys\": true", "\"keys\": 1"), Code::Corrupt,
       "f: \"keys\": expected true or false"},
      {changed("\"endpoint\"", "\"Endpoint\""), Code::Corrupt,
       "f: \"endpoint\": expected an object"},
  };
  for (const auto& each : cases) {
    const auto desired = parse_desired("f", each.text);
    ASSERT_FALSE(desired.ok()) << each.message;
    EXPECT_EQ(desired.error().code(), each.code);
    EXPECT_EQ(desired.error().message(), each.message);
  }
  EXPECT_FALSE(parse_desired("f", changed("\"cpu\"", "\"cqu\"")).ok());
}

TEST(DesiredTest, WhatWasReadyIsGoneBackTo) {
  const Desired before = desired_of("faq:3");
  const Desired next = next_desired(before, true, spec_of("faq:4"));
  EXPECT_EQ(next.generation, 8);
  EXPECT_EQ(next.port, 8080);
  EXPECT_EQ(next.previous, before.spec);
  EXPECT_EQ(next.spec, spec_of("faq:4"));
  // What failed is no place to go back to, and neither is the same.
  EXPECT_EQ(next_desired(before, false, spec_of("faq:4")).previous, before.previous);
  EXPECT_EQ(next_desired(before, true, before.spec).previous, before.previous);
}

}  // namespace
}  // namespace deploy_local
