#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace auth {

constexpr std::size_t kDiscoveryBytesMax = 256U << 10U;

// Where an issuer says that it is described (OpenID Connect Discovery 1.0, section 4).
std::string discovery_url(std::string_view issuer);

// What the description says of where the issuer's keys are, its `jwks_uri`. Refuses a description
// of another issuer, to the letter.
base::Result<std::string> parse_discovery(std::string_view text, std::string_view issuer);

}  // namespace auth
