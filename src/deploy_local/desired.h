#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "deploy/endpoint_spec.h"

namespace deploy_local {

// What an endpoint is to be on this machine: what the command line writes and the keeper reads. A
// higher generation is a later wish.
struct Desired {
  std::int64_t generation = 0;
  std::uint16_t port = 0;     // On 127.0.0.1.
  bool keys = false;          // keys.json lies beside it, and every request needs one of them.
  deploy::EndpointSpec spec;  // Its versions pinned: "faq:3".
  std::optional<deploy::EndpointSpec> previous;  // What had been ready before.

  bool operator==(const Desired&) const = default;
};

constexpr std::size_t kDesiredBytesMax = 4U << 20U;

// Refuses what is no such text, so that a file that was tampered with starts nothing.
base::Result<Desired> parse_desired(std::string_view file, std::string_view text);
std::string to_text(const Desired& desired);

// The next wish: what was there before is gone back to later, where it had been ready.
Desired next_desired(const Desired& before, bool was_ready, deploy::EndpointSpec spec);

}  // namespace deploy_local
