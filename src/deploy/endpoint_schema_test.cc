#include "deploy/endpoint_schema.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "deploy/endpoint_keys.h"
#include "deploy/endpoint_spec.h"

namespace deploy {
namespace {

using nlohmann::ordered_json;

// As much of JSON schema as endpoint.schema.json uses, beside patterns.
bool accepts(const ordered_json& schema, const ordered_json& value) {
  if (schema.contains("enum")) {
    for (const auto& each : schema["enum"]) {
      if (each == value) return true;
    }
    return false;
  }
  if (value.is_object()) {
    const ordered_json properties = schema.value("properties", ordered_json::object());
    for (const auto& required : schema.value("required", ordered_json::array())) {
      if (!value.contains(required.get<std::string>())) return false;
    }
    for (const auto& [key, inner] : value.items()) {
      if (properties.contains(key)) {
        if (!accepts(properties[key], inner)) return false;
      } else if (const auto& rest = schema["additionalProperties"];
                 rest == false || !accepts(rest, inner)) {
        return false;
      }
    }
    return schema["type"] == "object";
  }
  const std::string type = value.is_array()    ? "array"
                           : value.is_string() ? "string"
                           : value.is_number() ? "integer"
                                               : "boolean";
  return schema["type"] == type ||
         (schema["type"].is_array() && schema["type"].dump().find(type) != std::string::npos);
}

TEST(EndpointSchemaTest, IsTheOneInTheReference) {
  const std::string path = SOOTH_SOURCE_DIR "/docs/reference/endpoint.schema.json";
  const std::string made = to_json_schema().dump(2) + "\n";
  if (std::getenv("SOOTH_ACCEPT") != nullptr) std::ofstream(path) << made;
  std::stringstream kept;
  kept << std::ifstream(path).rdbuf();
  EXPECT_EQ(kept.str(), made) << "run with SOOTH_ACCEPT=1 to accept";
}

TEST(EndpointSchemaTest, AcceptsWhatTheParserWrites) {
  const auto spec = parse_endpoint(
      "a",
      "{name: a, deployments: {b: {version: 1, autoscale: {max: 3}, environment: {A: b}, "
      "secrets: {T: {secret: s, key: k}}, node_selector: {a: b}}}, labels: {a: b}, "
      "egress_ports: [1]}");
  ASSERT_TRUE(spec.ok());
  EXPECT_TRUE(accepts(to_json_schema(), to_json(*spec)));
}

TEST(EndpointSchemaTest, RefusesUnknownAndMissingKeys) {
  const ordered_json schema = to_json_schema();
  EXPECT_TRUE(
      accepts(schema, ordered_json::parse(R"({"name":"a","deployments":{"b":{"version":1}}})")));
  EXPECT_FALSE(accepts(schema, ordered_json::parse(R"({"name":"a"})")));
  EXPECT_FALSE(accepts(
      schema, ordered_json::parse(R"({"name":"a","deployments":{"b":{"version":1,"x":1}}})")));
  EXPECT_FALSE(accepts(
      schema, ordered_json::parse(R"({"name":"a","deployments":{"b":{"update":"rolling"}}})")));
}

TEST(EndpointKeysTest, EachHasASentenceAndADefaultWithinItsBounds) {
  const auto check = [](const auto& self, std::span<const Key> keys) -> void {
    for (const Key& key : keys) {
      EXPECT_TRUE(key.sentence.ends_with('.')) << key.name;
      EXPECT_FALSE(key.required && !key.fallback.empty()) << key.name;
      EXPECT_LE(key.min, key.max) << key.name;
      self(self, key.inner);
    }
  };
  check(check, endpoint_keys());
}

TEST(EndpointKeysTest, TheGuideNamesEachWithItsDefault) {
  std::stringstream guide;
  guide << std::ifstream(SOOTH_SOURCE_DIR "/docs/endpoint.md").rdbuf();
  const auto check = [&](const auto& self, std::span<const Key> keys) -> void {
    for (const Key& key : keys) {
      for (const std::string_view text : {key.name, key.fallback}) {
        // A probe's number of failures stands in a sentence.
        if (text.empty() || text == "150" || text == "3") continue;
        EXPECT_NE(guide.str().find("`" + std::string(text) + "`"), std::string::npos) << text;
      }
      self(self, key.inner);
    }
  };
  check(check, endpoint_keys());
}

}  // namespace
}  // namespace deploy
