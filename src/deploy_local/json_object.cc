#include "deploy_local/json_object.h"

#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace deploy_local {
namespace {

using base::Code;
using base::Error;
using base::Result;
using nlohmann::ordered_json;

// What is written here is flatter; what is deeper is not walked.
constexpr int kDepthMax = 16;

}  // namespace

Result<JsonObject> JsonObject::parse(std::string_view file, std::string_view text,
                                     std::size_t bytes_max) {
  if (text.size() > bytes_max) {
    return Error(Code::Exhausted,
                 fmt::format("{}: expected at most {}", file, base::human_bytes(bytes_max)));
  }
  bool deep = false;
  const auto see = [&](int depth, ordered_json::parse_event_t, ordered_json&) {
    deep = deep || depth > kDepthMax;
    return depth <= kDepthMax;
  };
  ordered_json value = ordered_json::parse(text, see, false);
  if (deep || !value.is_object()) {
    return Error(Code::Corrupt,
                 fmt::format("{}: expected a JSON object of at most {} levels", file, kDepthMax));
  }
  return JsonObject(std::string(file), std::move(value));
}

Error JsonObject::error(const char* key, std::string_view expected) const {
  return {Code::Corrupt, fmt::format("{}: {}: expected {}", name_, base::quote(key), expected)};
}

Result<std::int64_t> JsonObject::integer(const char* key, std::int64_t min,
                                         std::int64_t max) const {
  const auto at = value_.find(key);
  // An unsigned value beyond the signed ones would come out negative.
  if (at != value_.end() && at->is_number_integer() &&
      !(at->is_number_unsigned() && at->get<std::uint64_t>() > INT64_MAX)) {
    const auto value = at->get<std::int64_t>();
    if (value >= min && value <= max) return value;
  }
  return error(key, fmt::format("a whole number from {} to {}", min, max));
}

Result<bool> JsonObject::truth(const char* key) const {
  const auto at = value_.find(key);
  if (at == value_.end() || !at->is_boolean()) return error(key, "true or false");
  return at->get<bool>();
}

Result<std::string> JsonObject::text(const char* key, std::size_t bytes_max) const {
  const auto at = value_.find(key);
  if (at != value_.end() && at->is_string()) {
    const auto& text = at->get_ref<const std::string&>();
    if (text.size() <= bytes_max) return text;
  }
  return error(key, fmt::format("a text of at most {} bytes", bytes_max));
}

Result<ordered_json> JsonObject::object(const char* key) const {
  const auto at = value_.find(key);
  if (at == value_.end() || !at->is_object()) return error(key, "an object");
  return *at;
}

Result<ordered_json> JsonObject::list(const char* key, std::size_t count_max) const {
  const auto at = value_.find(key);
  if (at == value_.end() || !at->is_array() || at->size() > count_max) {
    return error(key, fmt::format("a list of at most {}", count_max));
  }
  for (const ordered_json& each : *at) {
    if (!each.is_object()) return error(key, "a list of objects");
  }
  return *at;
}

}  // namespace deploy_local
