// In the data of the ConfigMap: `current.json` and `previous.json`, each a list of objects, and
// `state`, "ready" or "progressing".

#include "rollout/record.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace rollout {
namespace {

using base::Code;
using base::Error;
using base::Result;
using deploy_kubernetes::Object;
using nlohmann::json;
using nlohmann::ordered_json;

constexpr const char* kCurrent = "current.json";
constexpr const char* kPrevious = "previous.json";
constexpr const char* kState = "state";
// A ConfigMap holds 1 MiB in all.
constexpr std::size_t kBytesMax = 480U << 10U;
constexpr std::size_t kDepthMax = 60;
constexpr std::size_t kNameMax = 253;

Error broken(const char* key, std::string_view what) {
  return {Code::Corrupt, fmt::format("the endpoint's ConfigMap: \"{}\": expected {}", key, what)};
}

std::string text_of(const ordered_json& value, const char* key) {
  const auto at = value.find(key);
  return at != value.end() && at->is_string() ? at->get<std::string>() : "";
}

ordered_json parse(const std::string& text) {
  bool deep = false;
  const ordered_json::parser_callback_t bounded = [&](int depth, ordered_json::parse_event_t,
                                                      ordered_json&) {
    deep = deep || depth > static_cast<int>(kDepthMax);
    return !deep;
  };
  ordered_json value = ordered_json::parse(text, bounded, false);
  return deep ? ordered_json(ordered_json::value_t::discarded) : value;
}

// A name stands in the path of a request, and must not lead out of its place there.
bool is_name(std::string_view text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  return !text.empty() && text.front() != '.' && text.size() <= kNameMax &&
         std::all_of(text.begin(), text.end(), plain);
}

// Anybody who may write the ConfigMap may have written it: what is relied on when it is applied
// again is looked at here.
Result<void> check_object(const char* key, const Object& object, bool first) {
  if (object.api_version.empty() || object.kind.empty() || !is_name(object.name)) {
    return broken(key, "objects with apiVersion, kind and name");
  }
  if (first != (object.kind == "ConfigMap")) {
    return broken(key, "the endpoint's ConfigMap first, and no other");
  }
  const auto data = object.json.find("data");
  if (first && data != object.json.end() && !data->is_object()) {
    return broken(key, "a ConfigMap whose data is an object");
  }
  const auto spec = object.json.find("spec");
  if (object.kind == "Deployment" && (spec == object.json.end() || !spec->is_object())) {
    return broken(key, "Deployments with a spec");
  }
  return {};
}

Result<std::vector<Object>> read_objects(const json& data, const char* key) {
  std::vector<Object> objects;
  const auto at = data.find(key);
  if (at == data.end()) return objects;
  if (!at->is_string()) return broken(key, "text");
  const ordered_json list = parse(at->get<std::string>());
  if (!list.is_array()) return broken(key, "a list of objects");
  for (const ordered_json& each : list) {
    if (!each.is_object() || !each.contains("metadata") || !each["metadata"].is_object()) {
      return broken(key, "objects with metadata");
    }
    Object object{text_of(each, "apiVersion"), text_of(each, "kind"),
                  text_of(each["metadata"], "name"), each};
    TRY(check_object(key, object, objects.empty()));
    objects.push_back(std::move(object));
  }
  return objects;
}

Result<void> write_objects(ordered_json& data, const char* key,
                           const std::vector<Object>& objects) {
  if (objects.empty()) return {};
  ordered_json list = ordered_json::array();
  for (const Object& each : objects) list.push_back(each.json);
  std::string text = list.dump();
  if (text.size() > kBytesMax) {
    return Error(Code::Exhausted,
                 fmt::format("the endpoint's objects: expected at most {} bytes to be remembered, "
                             "got {}",
                             kBytesMax, text.size()));
  }
  data[key] = std::move(text);
  return {};
}

}  // namespace

std::vector<Object> without_secrets(const std::vector<Object>& objects) {
  std::vector<Object> kept;
  for (const Object& each : objects) {
    if (each.kind != "Secret") kept.push_back(each);
  }
  return kept;
}

Result<Record> read_record(const json& owner) {
  Record record;
  const auto data = owner.find("data");
  if (data == owner.end() || !data->is_object()) return record;
  TRY_ASSIGN(record.current, read_objects(*data, kCurrent));
  TRY_ASSIGN(record.previous, read_objects(*data, kPrevious));
  const auto state = data->find(kState);
  record.ready = state != data->end() && *state == "ready";
  return record;
}

Result<void> write_record(Object& owner, const Record& record) {
  ordered_json& data = owner.json["data"];
  if (data.is_null()) data = ordered_json::object();
  for (const char* key : {kCurrent, kPrevious}) data.erase(key);
  TRY(write_objects(data, kCurrent, record.current));
  TRY(write_objects(data, kPrevious, record.previous));
  data[kState] = record.ready ? "ready" : "progressing";
  return {};
}

json without_record(json owner) {
  if (const auto data = owner.find("data"); data != owner.end() && data->is_object()) {
    for (const char* key : {kCurrent, kPrevious, kState}) data->erase(key);
  }
  return owner;
}

std::vector<std::string> versions_of(const Record& record) {
  static const ordered_json::json_pointer kVersion(
      "/spec/template/metadata/annotations/sooth~1version");
  std::set<std::string> versions;
  for (const auto* objects : {&record.current, &record.previous}) {
    for (const Object& each : *objects) {
      if (each.kind != "Deployment" || !each.json.contains(kVersion)) continue;
      const ordered_json& version = each.json.at(kVersion);
      if (version.is_string()) versions.insert(version.get<std::string>());
    }
  }
  return {versions.begin(), versions.end()};
}

}  // namespace rollout
