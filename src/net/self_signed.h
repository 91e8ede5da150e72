#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace net {

// A certificate and its key, as PEM.
struct SelfSigned {
  std::string certificate;
  std::string key;
};

struct SelfSignedOptions {
  // Host names and addresses that it is for, at least one; the first names the subject.
  std::vector<std::string> names;
  std::chrono::sys_seconds starts;
  std::chrono::hours lives = std::chrono::hours(24 * 397);  // As browsers allow at most.
};

// A new key of P-256 and a certificate that it signed itself, for a server alone: it is no
// authority, and can sign no other. Invalid for a name that is neither host nor address.
base::Result<SelfSigned> make_self_signed(const SelfSignedOptions& options);

// The SHA-256 of the text's first certificate, as browsers and openssl show it: "AB:CD:...".
base::Result<std::string> certificate_fingerprint(std::string_view certificates);

}  // namespace net
