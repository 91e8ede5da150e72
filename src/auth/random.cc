#include "auth/random.h"

#include <cerrno>

#include <sys/random.h>

#include <fmt/format.h>

namespace auth {

base::Result<void> system_random(std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      return base::Error(base::Code::Unavailable, fmt::format("random bytes: error {}", errno));
    }
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

}  // namespace auth
