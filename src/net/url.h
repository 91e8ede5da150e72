#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace net {

// Whom a client talks to: credentials and connections never cross from one origin to another.
struct Origin {
  bool tls = true;
  std::string host;  // Lower case; an IPv6 address without brackets.
  std::uint16_t port = 443;

  // Whether the host can only be this machine: "localhost", 127.0.0.0/8, ::1.
  bool loopback() const;
  // As the Host field has it: brackets around IPv6, the port only where it is not the scheme's.
  std::string authority() const;
  std::string text() const;  // "https://registry.example:5000"

  // NOLINTNEXTLINE(modernize-use-nullptr): a false alarm of that check.
  auto operator<=>(const Origin&) const = default;
};

// An http or https URL that a request can be made of. Refuses other schemes, user information
// (a password in a URL ends in logs), fragments, control characters and spaces, non-ASCII, hosts
// that some resolvers would take for a number ("127.1"), and what is longer than kBytesMax.
struct Url {
  static constexpr std::size_t kBytesMax = 16 << 10;

  Origin origin;
  std::string target = "/";  // Path and query, as sent.

  static base::Result<Url> parse(std::string_view text);

  // What a Location or Link field of an answer to this URL means (RFC 3986, section 5.2): absolute,
  // of the same scheme, host, folder, or only another query. A fragment is dropped.
  base::Result<Url> resolve(std::string_view reference) const;

  // Without the query, which may be a secret: for messages.
  std::string display() const;
  std::string text() const;

  auto operator<=>(const Url&) const = default;
};

// A value for a query or a form: all but letters, digits and "-._~" becomes %XX.
std::string percent_encode(std::string_view text);

}  // namespace net
