#pragma once

#include <string>
#include <string_view>

#include "serve/endpoint.h"

namespace front {

// GET /: a plain page to try the endpoint with: a question and the ranked answers, or rows as
// JSON and what they score.
std::string make_page(const serve::Endpoint& endpoint);

// The page for who brings no key where one is needed: it asks for a key, fetches the other with it,
// and calls with it from then on. The key stays in the page's memory, and goes nowhere but into the
// Authorization field of requests to this server.
std::string_view key_page();

// What a browser may do with either.
inline constexpr std::string_view kPagePolicy =
    "default-src 'none'; connect-src 'self'; style-src 'unsafe-inline'; script-src "
    "'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

}  // namespace front
