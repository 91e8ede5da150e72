#include "kube/answer.h"

#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace kube {
namespace {

using base::Code;
using base::Error;
using base::Result;
using Json = nlohmann::json;

constexpr std::size_t kMessageBytesMax = 600;
// Objects of Kubernetes nest a dozen levels; the parser recurses for each.
constexpr int kDepthMax = 200;

Code code_of(int status) {
  switch (status) {
    case 400:
    case 422: return Code::Invalid;
    case 401: return Code::Unauthenticated;
    case 403: return Code::Denied;
    case 404: return Code::NotFound;
    case 409: return Code::Conflict;
    case 429: return Code::Exhausted;
    case 504: return Code::Deadline;
    default: return status >= 500 ? Code::Unavailable : Code::Invalid;
  }
}

Json parse(std::string_view text) {
  bool deep = false;
  const Json::parser_callback_t bounded = [&](int depth, Json::parse_event_t, Json&) {
    deep = deep || depth > kDepthMax;
    return !deep;
  };
  Json value = Json::parse(text, bounded, false);
  return deep ? Json(Json::value_t::discarded) : value;
}

std::string text_at(const Json& value, const char* key) {
  const auto at = value.is_object() ? value.find(key) : value.end();
  return value.is_object() && at != value.end() && at->is_string() ? at->get<std::string>() : "";
}

}  // namespace

Error refusal(std::string_view doing, int status, std::string_view body) {
  const Json answer = parse(body);
  std::string message = text_at(answer, "message");
  if (message.empty()) message = std::string(body.substr(0, body.find('\n')));
  if (message.empty()) message = "no reason given";
  if (message.size() > kMessageBytesMax) message = message.substr(0, kMessageBytesMax) + "...";
  return {code_of(status), fmt::format("{}: the API server answers {}: {}", doing, status,
                                       base::printable(message))};
}

Result<Json> read_object(std::string_view doing, std::string_view body) {
  Json value = parse(body);
  if (value.is_discarded() || !value.is_object()) {
    return Error(Code::Corrupt, fmt::format("{}: expected a JSON object", doing));
  }
  return value;
}

Result<std::string> take_page(std::string_view doing, Json page, std::vector<Json>& items) {
  const auto listed = page.is_object() ? page.find("items") : page.end();
  if (!page.is_object() || listed == page.end() || !listed->is_array()) {
    return Error(Code::Corrupt, fmt::format("{}: expected a list of objects", doing));
  }
  std::string kind = text_at(page, "kind");
  if (kind.ends_with("List")) kind.resize(kind.size() - 4);
  for (Json& item : *listed) {
    if (!item.is_object()) continue;
    item["apiVersion"] = text_at(page, "apiVersion");
    item["kind"] = kind;
    items.push_back(std::move(item));
  }
  if (items.size() > kListMax) {
    return Error(Code::Exhausted,
                 fmt::format("{}: expected at most {} objects, got more", doing, kListMax));
  }
  return page.contains("metadata") ? text_at(page["metadata"], "continue") : "";
}

}  // namespace kube
