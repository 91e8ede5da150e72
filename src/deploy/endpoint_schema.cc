#include "deploy/endpoint_schema.h"

#include <string>

#include <fmt/format.h>

#include "base/number.h"
#include "deploy/endpoint_keys.h"

namespace deploy {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view kDnsName = "^[a-z]([a-z0-9-]*[a-z0-9])?$";
constexpr std::string_view kVersion = "^[A-Za-z0-9]([A-Za-z0-9._:@/-]*[A-Za-z0-9])?$";
constexpr std::string_view kDurationPattern = "^[0-9]+ ?(ms|s|min|h)$";
constexpr std::string_view kCpu = "^([0-9]+[.]?[0-9]*|[.][0-9]+)m?$";
constexpr std::string_view kMemory = "^([0-9]+[.]?[0-9]*|[.][0-9]+)(Ki|Mi|Gi|Ti|k|M|G|T)?$";
constexpr std::string_view kLabelValue = "^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$";
constexpr std::string_view kVariable = "^[A-Za-z_][A-Za-z0-9_]*$";

ordered_json schema_of(std::span<const Key> keys);

// A number in YAML is a text as well: `cpu: 2`, `memory: 1048576`.
ordered_json text_or_number(std::string_view pattern) {
  return {{"type", {"string", "number"}}, {"pattern", pattern}};
}

ordered_json map_of(const Key& key, ordered_json value, std::string_view names) {
  ordered_json schema = {{"type", "object"}};
  if (!names.empty()) schema["propertyNames"] = {{"pattern", names}};
  if (key.min > 0) schema["minProperties"] = key.min;
  if (key.max > 0) schema["maxProperties"] = key.max;
  schema["additionalProperties"] = std::move(value);
  return schema;
}

ordered_json type_of(const Key& key) {
  switch (key.kind) {
    case Kind::Name: return {{"type", "string"}, {"maxLength", key.max}, {"pattern", kDnsName}};
    case Kind::Version:
      return {{"type", {"string", "integer"}}, {"maxLength", key.max}, {"pattern", kVersion}};
    case Kind::Text: return {{"type", "string"}, {"minLength", 1}, {"maxLength", key.max}};
    case Kind::Choice: return {{"enum", key.choices}};
    case Kind::Int: return {{"type", "integer"}, {"minimum", key.min}, {"maximum", key.max}};
    case Kind::Seconds: return {{"type", "string"}, {"pattern", kDurationPattern}};
    case Kind::Cpu: return text_or_number(kCpu);
    case Kind::Memory: return text_or_number(kMemory);
    case Kind::Ports:
      return {{"type", "array"},
              {"maxItems", key.max},
              {"items", {{"type", "integer"}, {"minimum", 1}, {"maximum", 65'535}}}};
    case Kind::Labels: return map_of(key, text_or_number(kLabelValue), "");
    case Kind::Variables:
      return map_of(key,
                    {{"type", {"string", "number", "boolean"}}, {"maxLength", kVariableBytesMax}},
                    kVariable);
    case Kind::Secrets: return map_of(key, schema_of(key.inner), kVariable);
    case Kind::Percents:
      return map_of(key, {{"type", "integer"}, {"minimum", 0}, {"maximum", 100}}, kDnsName);
    case Kind::Section: return schema_of(key.inner);
    case Kind::Sections: return map_of(key, schema_of(key.inner), kDnsName);
  }
  return {};
}

ordered_json schema_of(std::span<const Key> keys) {
  ordered_json schema = {{"type", "object"}, {"additionalProperties", false}};
  ordered_json required = ordered_json::array();
  for (const Key& key : keys) {
    if (key.required) required.push_back(key.name);
  }
  if (!required.empty()) schema["required"] = std::move(required);
  for (const Key& key : keys) {
    ordered_json property = {{"description", key.sentence}};
    property.update(type_of(key));
    if (!key.fallback.empty()) {
      const auto number = key.kind == Kind::Int ? base::parse_int(key.fallback) : std::nullopt;
      property["default"] = number ? ordered_json(*number) : ordered_json(key.fallback);
    }
    schema["properties"][std::string(key.name)] = std::move(property);
  }
  return schema;
}

}  // namespace

ordered_json to_json_schema() {
  ordered_json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                         {"title", "endpoint.yaml"},
                         {"description", "An endpoint and the deployments behind it."}};
  schema.update(schema_of(endpoint_keys()));
  return schema;
}

}  // namespace deploy
