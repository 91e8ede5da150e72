#include "oci/image_config.h"

#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "oci/descriptor.h"

namespace oci {
namespace {

using base::Code;
using base::Error;
using base::Result;
using nlohmann::json;

constexpr std::size_t kItemsMax = 10'000;

Error bad_config(std::string_view expected) {
  return {Code::Invalid, fmt::format("image configuration: expected {}", expected)};
}

// The value of a key, or null where there is none.
const json& value_of(const json& object, const char* key) {
  static const json kNothing;
  const auto at = object.find(key);
  return at == object.end() ? kNothing : *at;
}

Result<void> read(const json& object, const char* key, std::string& text) {
  const json& value = value_of(object, key);
  if (value.is_null()) return {};
  if (!value.is_string()) return bad_config(fmt::format("a text as \"{}\"", key));
  text = value.get<std::string>();
  return {};
}

Result<void> read(const json& object, const char* key, std::vector<std::string>& texts) {
  const json& value = value_of(object, key);
  if (value.is_null()) return {};
  if (!value.is_array() || value.size() > kItemsMax) {
    return bad_config(fmt::format("an array of at most {} texts as \"{}\"", kItemsMax, key));
  }
  for (const json& each : value) {
    if (!each.is_string()) return bad_config(fmt::format("texts in \"{}\"", key));
    texts.push_back(each.get<std::string>());
  }
  return {};
}

Result<void> read(const json& object, const char* key, std::map<std::string, std::string>& texts) {
  const json& value = value_of(object, key);
  if (value.is_null()) return {};
  if (!value.is_object() || value.size() > kItemsMax) {
    return bad_config(fmt::format("an object of at most {} texts as \"{}\"", kItemsMax, key));
  }
  for (const auto& [name, each] : value.items()) {
    if (!each.is_string()) return bad_config(fmt::format("texts in \"{}\"", key));
    texts.emplace(name, each.get<std::string>());
  }
  return {};
}

// Docker's sets: an object whose keys are the members and whose values say nothing.
Result<void> read(const json& object, const char* key, std::set<std::string>& members) {
  const json& value = value_of(object, key);
  if (value.is_null()) return {};
  if (!value.is_object() || value.size() > kItemsMax) {
    return bad_config(fmt::format("an object of at most {} keys as \"{}\"", kItemsMax, key));
  }
  for (const auto& [name, each] : value.items()) members.insert(name);
  return {};
}

Result<void> read_run(const json& object, ImageConfig& config) {
  const json& run = value_of(object, "config");
  if (run.is_null()) return {};
  if (!run.is_object()) return bad_config("an object as \"config\"");
  TRY(read(run, "User", config.user));
  TRY(read(run, "Env", config.env));
  TRY(read(run, "Entrypoint", config.entrypoint));
  TRY(read(run, "Cmd", config.cmd));
  TRY(read(run, "WorkingDir", config.working_dir));
  TRY(read(run, "ExposedPorts", config.exposed_ports));
  TRY(read(run, "Volumes", config.volumes));
  TRY(read(run, "Labels", config.labels));
  return read(run, "StopSignal", config.stop_signal);
}

Result<void> read_rootfs(const json& object, ImageConfig& config) {
  const json& rootfs = value_of(object, "rootfs");
  if (!rootfs.is_object()) return bad_config("an object as \"rootfs\"");
  if (value_of(rootfs, "type") != "layers") return bad_config("\"layers\" as type of \"rootfs\"");
  std::vector<std::string> texts;
  TRY(read(rootfs, "diff_ids", texts));
  for (const std::string& text : texts) {
    auto digest = base::Digest::parse(text);
    if (!digest.ok()) return std::move(digest).error().within("image configuration: \"diff_ids\"");
    config.diff_ids.push_back(*digest);
  }
  return {};
}

Result<void> read_history(const json& object, ImageConfig& config) {
  const json& history = value_of(object, "history");
  if (history.is_null()) return {};
  if (!history.is_array() || history.size() > kItemsMax) {
    return bad_config(fmt::format("an array of at most {} as \"history\"", kItemsMax));
  }
  for (const json& each : history) {
    if (!each.is_object()) return bad_config("objects in \"history\"");
    History& entry = config.history.emplace_back();
    TRY(read(each, "created", entry.created));
    TRY(read(each, "created_by", entry.created_by));
    TRY(read(each, "comment", entry.comment));
    const json& empty = value_of(each, "empty_layer");
    if (!empty.is_null() && !empty.is_boolean())
      return bad_config("true or false as \"empty_layer\"");
    entry.empty_layer = empty.is_boolean() && empty.get<bool>();
  }
  return {};
}

template <typename T>
void put(json& object, const char* key, const T& value) {
  if (!value.empty()) object[key] = value;
}

void put_set(json& object, const char* key, const std::set<std::string>& members) {
  for (const std::string& member : members) object[key][member] = json::object();
}

json run_json(const ImageConfig& config) {
  json run = json::object();
  put(run, "User", config.user);
  put(run, "Env", config.env);
  put(run, "Entrypoint", config.entrypoint);
  put(run, "Cmd", config.cmd);
  put(run, "WorkingDir", config.working_dir);
  put_set(run, "ExposedPorts", config.exposed_ports);
  put_set(run, "Volumes", config.volumes);
  put(run, "Labels", config.labels);
  put(run, "StopSignal", config.stop_signal);
  return run;
}

json history_json(const History& entry) {
  json object = json::object();
  put(object, "created", entry.created);
  put(object, "created_by", entry.created_by);
  put(object, "comment", entry.comment);
  if (entry.empty_layer) object["empty_layer"] = true;
  return object;
}

}  // namespace

Result<ImageConfig> ImageConfig::parse(std::string_view text) {
  if (text.size() > kManifestBytesMax) {
    return Error(Code::Exhausted,
                 fmt::format("image configuration: expected at most {}, got {}",
                             base::human_bytes(kManifestBytesMax), base::human_bytes(text.size())));
  }
  const nlohmann::json object = nlohmann::json::parse(text, nullptr, false);
  if (object.is_discarded() || !object.is_object()) return bad_config("a JSON object");
  ImageConfig config;
  TRY(read(object, "architecture", config.architecture));
  TRY(read(object, "os", config.os));
  if (config.architecture.empty()) return bad_config("\"architecture\", got none");
  if (config.os.empty()) return bad_config("\"os\", got none");
  TRY(read(object, "variant", config.variant));
  TRY(read(object, "created", config.created));
  TRY(read(object, "author", config.author));
  TRY(read_run(object, config));
  TRY(read_rootfs(object, config));
  TRY(read_history(object, config));
  return config;
}

std::string ImageConfig::json() const {
  nlohmann::json object = {{"architecture", architecture}, {"os", os}};
  put(object, "variant", variant);
  put(object, "created", created);
  put(object, "author", author);
  put(object, "config", run_json(*this));
  nlohmann::json digests = nlohmann::json::array();
  for (const base::Digest& each : diff_ids) digests.push_back(each.text());
  object["rootfs"] = {{"type", "layers"}, {"diff_ids", std::move(digests)}};
  if (!history.empty()) {
    nlohmann::json entries = nlohmann::json::array();
    for (const History& each : history) entries.push_back(history_json(each));
    object["history"] = std::move(entries);
  }
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace oci
