#pragma once

#include <cstddef>
#include <string_view>

#include "telemetry/bounded_text.h"
#include "telemetry/random_bits.h"

namespace telemetry {

// What a request is called in the log, in its span and towards its client.
inline constexpr std::size_t kRequestIdBytesMax = 100;
using RequestId = BoundedText<kRequestIdBytesMax>;

// Whether a client may call its request so: 1 to 100 printable ASCII characters without a space.
bool is_request_id(std::string_view text);

// What the client calls it if it may, else a new one: a UUID of version 4, in lower case. `sent` is
// the value of x-request-id, "" where the request has none or several.
RequestId find_request_id(std::string_view sent, const RandomBits& random);

}  // namespace telemetry
