#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace oci {

// One way to authenticate, from a WWW-Authenticate field (RFC 9110, section 11.6.1):
//   Bearer realm="https://auth.example/token",service="registry.example"
struct Challenge {
  std::string scheme;                             // Lower case.
  std::map<std::string, std::string> parameters;  // Names in lower case.

  // "" where it is absent.
  const std::string& parameter(const std::string& name) const;

  bool operator==(const Challenge&) const = default;
};

// The challenges of one field's value, which may be several. Refuses what is not of that form, a
// parameter that comes twice, and more than a registry has reason to send.
base::Result<std::vector<Challenge>> parse_challenges(std::string_view value);

}  // namespace oci
