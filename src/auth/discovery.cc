#include "auth/discovery.h"

#include <fmt/format.h>

#include "auth/json_document.h"
#include "base/text.h"

namespace auth {
namespace {

using base::Code;
using base::Error;

constexpr int kDescriptionDepthMax = 16;
constexpr std::string_view kDescription = "description of the issuer";

}  // namespace

std::string discovery_url(std::string_view issuer) {
  if (issuer.ends_with('/')) issuer.remove_suffix(1);
  return std::string(issuer) + "/.well-known/openid-configuration";
}

base::Result<std::string> parse_discovery(std::string_view text, std::string_view issuer) {
  if (text.size() > kDiscoveryBytesMax) {
    return Error(Code::Exhausted, fmt::format("{}: expected at most {}", kDescription,
                                              base::human_bytes(kDiscoveryBytesMax)));
  }
  TRY_ASSIGN(const nlohmann::json document,
             read_document(text, kDescription, kDescriptionDepthMax));
  const std::string* const said = find_text(document, "issuer");
  if (said == nullptr || *said != issuer) {
    return Error(Code::Invalid,
                 fmt::format("{}: expected \"issuer\" {}, got {}", kDescription,
                             base::quote(issuer), said == nullptr ? "none" : base::quote(*said)));
  }
  const std::string* const keys = find_text(document, "jwks_uri");
  if (keys == nullptr) {
    return Error(Code::Invalid, fmt::format("{}: expected a text as \"jwks_uri\"", kDescription));
  }
  return *keys;
}

}  // namespace auth
