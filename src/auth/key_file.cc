#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "auth/json_document.h"
#include "auth/key_set.h"
#include "base/text.h"

// The text form of a KeySet; key_set.h shows it.

namespace auth {
namespace {

using base::Code;
using base::Error;
using nlohmann::json;

constexpr int kFileVersion = 1;
constexpr int kDepthMax = 8;

Error bad(std::string_view where, std::string_view expected) {
  return {Code::Invalid, fmt::format("{}: expected {}", where, expected)};
}

base::Result<void> check_names(const json& object, std::span<const std::string_view> known,
                               std::string_view where) {
  for (const auto& [name, value] : object.items()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const auto near = base::nearest(name, {known.begin(), known.end()});
    return Error(Code::Invalid,
                 fmt::format("{}: unknown key {}{}", where, base::quote(name),
                             near ? fmt::format("; did you mean {}?", base::quote(*near)) : ""));
  }
  return {};
}

base::Result<std::string> text_of(const json& object, const char* name) {
  const auto at = object.find(name);
  if (at == object.end() || !at->is_string()) return bad(base::quote(name), "a text");
  return at->get<std::string>();
}

base::Result<Timestamp> time_of(const json& object, const char* name) {
  TRY_ASSIGN(const std::string text, text_of(object, name));
  auto time = parse_timestamp(text);
  if (!time.ok()) return std::move(time).error().within(base::quote(name));
  return time;
}

base::Result<Scopes> scope_of(const json& object) {
  const auto at = object.find("scope");
  const Error problem = bad("\"scope\"", "an array of \"score\", \"metrics\" and \"manage\"");
  if (at == object.end() || !at->is_array()) return problem;
  Scopes scopes;
  for (const json& name : *at) {
    const auto scope =
        name.is_string() ? find_scope(name.get_ref<const std::string&>()) : std::optional<Scope>();
    if (!scope) return problem;
    scopes.add(*scope);
  }
  return scopes;
}

base::Result<KeyRecord> record_of(const json& object) {
  constexpr std::array<std::string_view, 8> kNames = {"id",   "client",  "endpoint", "scope",
                                                      "slot", "created", "expires",  "digest"};
  if (!object.is_object()) return bad("key", "an object");
  TRY(check_names(object, kNames, "key"));
  KeyRecord record;
  TRY_ASSIGN(record.id, text_of(object, "id"));
  TRY_ASSIGN(record.client, text_of(object, "client"));
  TRY_ASSIGN(record.endpoint, text_of(object, "endpoint"));
  TRY_ASSIGN(record.scope, scope_of(object));
  TRY_ASSIGN(const std::string slot_text, text_of(object, "slot"));
  const auto slot = find_slot(slot_text);
  if (!slot) return bad("\"slot\"", "\"primary\" or \"secondary\"");
  record.slot = *slot;
  TRY_ASSIGN(record.created, time_of(object, "created"));
  if (object.contains("expires")) {
    TRY_ASSIGN(record.expires, time_of(object, "expires"));
  }
  TRY_ASSIGN(const std::string digest, text_of(object, "digest"));
  TRY_ASSIGN(record.digest, base::Digest::parse(digest));
  TRY(check_record(record));
  return record;
}

json to_json(const KeyRecord& record) {
  json object = {{"id", record.id},
                 {"client", record.client},
                 {"endpoint", record.endpoint},
                 {"scope", record.scope.names()},
                 {"slot", slot_name(record.slot)},
                 {"created", format_timestamp(record.created)},
                 {"digest", record.digest.text()}};
  if (record.expires) object["expires"] = format_timestamp(*record.expires);
  return object;
}

}  // namespace

base::Result<KeySet> KeySet::parse(std::string_view text) {
  constexpr std::array<std::string_view, 2> kNames = {"version", "keys"};
  if (text.size() > kKeyFileBytesMax) {
    return Error(Code::Exhausted,
                 fmt::format("keys file: expected at most {}, got {}",
                             base::human_bytes(kKeyFileBytesMax), base::human_bytes(text.size())));
  }
  TRY_ASSIGN(const nlohmann::json document, read_document(text, "keys file", kDepthMax));
  TRY(check_names(document, kNames, "keys file"));
  const auto version = document.find("version");
  if (version == document.end() || !version->is_number_integer() || *version != kFileVersion) {
    return bad("keys file", fmt::format("\"version\" {}", kFileVersion));
  }
  const auto keys = document.find("keys");
  if (keys == document.end() || !keys->is_array()) return bad("keys file", "an array as \"keys\"");
  if (keys->size() > kKeysMax) {
    return Error(Code::Exhausted, fmt::format("keys file: expected at most {} keys, got {}",
                                              kKeysMax, keys->size()));
  }
  std::vector<KeyRecord> records;
  for (const nlohmann::json& each : *keys) {
    auto record = record_of(each);
    if (!record.ok()) {
      return std::move(record).error().within(fmt::format("keys[{}]", records.size()));
    }
    records.push_back(*std::move(record));
  }
  return make(std::move(records));
}

std::string KeySet::json() const {
  nlohmann::json keys = nlohmann::json::array();
  for (const KeyRecord& record : records_) keys.push_back(to_json(record));
  const nlohmann::json document = {{"version", kFileVersion}, {"keys", std::move(keys)}};
  return document.dump(1) + "\n";
}

}  // namespace auth
