#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace telemetry {

// Takes out of a text what looks like a secret, so that it can be written down:
//   login of x-api-key: [scrubbed: pair] at https://[scrubbed: userinfo]@example.org
// Known are keys of Sooth and of the large clouds and services, JWTs, PEM blocks, the values of
// Authorization and Cookie, values behind names such as password= or "token":, what stands before
// the @ of a URL, addresses of e-mail, card numbers and IBANs that check out, and runs of 32 or
// more characters that look random; all of these percent-encoded too, once or twice. Digests
// (sha256: and 64 digits), UUIDs, and ids of traces and requests that are named so stay.
//
// Only a net below the rule that secrets are not logged: what looks like an ordinary word passes.
// Time is linear in the text. Of longer texts only the first kScrubBytesMax bytes are kept. What is
// UTF-8 stays it, and scrubbing again changes nothing more.
inline constexpr std::size_t kScrubBytesMax = 64 << 10;
std::string scrub(std::string_view text);

// False for most of what is logged, which scrub() would leave as it is; quick.
bool may_hold_secret(std::string_view text);

// Whether what is called so is a secret whatever it looks like: "password", "client_secret".
bool is_secret_name(std::string_view name);

// Whether a text has the form of the id of a trace or a span, or of a UUID, as an id that is named
// so may have.
bool is_plain_id(std::string_view text);

}  // namespace telemetry
