#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "net/http_message.h"

namespace oci {

// What an answer that is no success means: an error with the registry's own words (its JSON
// {"errors": [{"code", "message"}]}, quoted) and the next step.
//
// NotFound 404 · Denied 403 · Unauthenticated 401 · Exhausted 413, 429 · Unavailable 408, 5xx ·
// Conflict 409, 412 · Unsupported 405, 415 · Invalid the rest of 4xx · Corrupt what is no refusal.
base::Error refusal(const net::HttpResponse& response, std::string_view expected);

// Whether the same request may succeed later.
bool may_pass(const net::HttpResponse& response);
bool may_pass(const base::Error& error);

// What a Retry-After field asks for, in seconds; nothing where it asks for none or names a date.
std::optional<std::chrono::milliseconds> retry_after(const net::HttpResponse& response);

}  // namespace oci
