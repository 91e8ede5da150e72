#include "oci/registry_refusal.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/number.h"
#include "base/text.h"
#include "oci/json_text.h"

namespace oci {
namespace {

using base::Code;
using base::Error;
using nlohmann::json;

constexpr std::int64_t kRetryAfterMax = 1'000'000;

// " (403 DENIED \"requested access ...\")"
std::string own_words(const net::HttpResponse& response) {
  std::string words = std::to_string(response.status);
  const json object = json::parse(response.body, nullptr, false);
  if (object.is_object()) {
    const auto errors = object.find("errors");
    if (errors != object.end() && errors->is_array() && !errors->empty() &&
        errors->front().is_object()) {
      const std::string code = text_at(errors->front(), "code");
      const std::string message = text_at(errors->front(), "message");
      if (!code.empty()) words += " " + base::quote(code);
      if (!message.empty()) words += " " + base::quote(message);
    }
  }
  return words;
}

struct Meaning {
  Code code;
  std::string_view what;
  std::string_view next;
};

Meaning meaning_of(int status) {
  switch (status) {
    case 401: return {Code::Unauthenticated, "not let in", "; log in with \"sooth login\""};
    case 403: return {Code::Denied, "no permission", "; ask the registry's owner for it"};
    case 404: return {Code::NotFound, "not found", "; check the name"};
    case 409:
    case 412: return {Code::Conflict, "in conflict with what is there", ""};
    case 405:
    case 415: return {Code::Unsupported, "not supported there", ""};
    case 413: return {Code::Exhausted, "too large for the registry", ""};
    case 429: return {Code::Exhausted, "too many requests", "; try again later"};
    case 408: return {Code::Unavailable, "too slow for the registry", "; try again later"};
    default: break;
  }
  if (status >= 500) return {Code::Unavailable, "the registry has a problem", "; try again later"};
  if (status >= 400) return {Code::Invalid, "refused", ""};
  return {Code::Corrupt, "an answer that does not fit", ""};
}

}  // namespace

Error refusal(const net::HttpResponse& response, std::string_view expected) {
  const Meaning meaning = meaning_of(response.status);
  return {meaning.code, fmt::format("expected {}, got: {} ({}){}", expected, meaning.what,
                                    own_words(response), meaning.next)};
}

bool may_pass(const net::HttpResponse& response) {
  return response.status == 408 || response.status == 429 || response.status / 100 == 5;
}

bool may_pass(const Error& error) { return error.code() == Code::Unavailable; }

std::optional<std::chrono::milliseconds> retry_after(const net::HttpResponse& response) {
  const auto field = response.field("Retry-After");
  const auto seconds = field ? base::parse_int(*field) : std::nullopt;
  if (!seconds || *seconds < 0) return std::nullopt;
  return std::chrono::seconds(std::min(*seconds, kRetryAfterMax));
}

}  // namespace oci
