#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <variant>

#include "auth/jwks.h"
#include "base/result.h"
#include "net/http_client.h"
#include "net/url.h"

namespace front {

// Where the keys of an issuer are.
struct KeyFile {
  std::string path;
};
struct KeyUrl {
  net::Url url;
};
struct KeyDiscovery {  // Where the issuer says, at its own place.
  std::string issuer;
  net::Url description;
};
using KeyLocation = std::variant<KeyFile, KeyUrl, KeyDiscovery>;

// `keys` is a URL or a file; empty: the issuer is asked. Refuses URLs that are not https, but for
// http to this machine.
base::Result<KeyLocation> parse_key_location(std::string_view issuer, std::string_view keys);

// Asks for the keys. Follows no redirects, and reads no more than a set of keys may have. An issuer
// that is asked where its keys are may name its own host alone: another is named by who starts the
// server. Waits: not for I/O threads. Precondition: no KeyFile.
base::Result<auth::TokenKeys> fetch_token_keys(net::HttpClient& client, const KeyLocation& location,
                                               std::chrono::steady_clock::time_point deadline);

}  // namespace front
