#pragma once

#include <string>

#include "serve/endpoint.h"

namespace front {

// GET /: a plain page to try the endpoint with: a question and the ranked answers, or rows as
// JSON and what they score.
std::string make_page(const serve::Endpoint& endpoint);

// What a browser may do with it.
inline constexpr std::string_view kPagePolicy =
    "default-src 'none'; connect-src 'self'; style-src 'unsafe-inline'; script-src "
    "'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

}  // namespace front
