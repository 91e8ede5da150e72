#include "oci/token.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "oci/json_text.h"

// The token protocol: distribution/docs/spec/auth/token.md and oauth.md of the registry project.

namespace oci {
namespace {

using base::Code;
using base::Error;
using nlohmann::json;

constexpr std::size_t kTokenBytesMax = 48 << 10;
constexpr std::int64_t kTokenSeconds = 60;  // Where nothing is said.
constexpr std::int64_t kTokenSecondsMax = 24 * 3600;

bool is_token(std::string_view text) {
  return !text.empty() && text.size() <= kTokenBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7F'; });
}

}  // namespace

base::Result<TokenAnswer> parse_token(std::string_view body) {
  const json object = json::parse(body, nullptr, false);
  if (!object.is_object()) return Error(Code::Corrupt, "expected a JSON object");
  TokenAnswer token{.value = text_at(object, "token"), .seconds = kTokenSeconds};
  if (token.value.empty()) token.value = text_at(object, "access_token");
  if (!is_token(token.value)) {
    return Error(Code::Corrupt, "expected \"token\" or \"access_token\"");
  }
  const auto expires = object.find("expires_in");
  if (expires != object.end() && expires->is_number_unsigned()) {
    // More than a day is a day, also past what a signed number holds.
    const auto said = std::min<std::uint64_t>(expires->get<std::uint64_t>(), kTokenSecondsMax);
    token.seconds = std::max<std::int64_t>(static_cast<std::int64_t>(said), 1);
  } else if (expires != object.end() && expires->is_number_integer()) {
    token.seconds = 1;
  }
  return token;
}

}  // namespace oci
