#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace net {

struct ClientRequest {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  std::string method = "GET";
  std::string target = "/";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

struct ClientResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  std::optional<std::string_view> header(std::string_view name) const;
};

// Sends one request over a connection of its own and waits for the whole answer, 64 MiB at most.
// For commands and tests: it knows no redirects, no TLS and no reuse of connections. Refuses
// methods, targets and fields with control characters or (but in values) spaces.
base::Result<ClientResponse> fetch(const ClientRequest& request,
                                   std::chrono::steady_clock::time_point deadline);

}  // namespace net
