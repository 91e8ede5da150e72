#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http_client.h"
#include "oci/credentials.h"

namespace oci {

// What a client of registries needs of the world. Its functions may be called by any thread.
struct RegistryWorld {
  net::HttpClient& http;
  // Of one repository of one registry (CredentialStore::find); asked once, when the registry asks.
  std::function<base::Result<std::optional<Credentials>>(const std::string& host,
                                                         std::string_view repository)>
      credentials;
  std::function<std::chrono::steady_clock::time_point()> now;
  std::function<void(std::chrono::milliseconds)> sleep;
};

// How often a client tries again what may pass: network failures, 408, 429 and 5xx.
struct RetryLimits {
  int attempts_max = 5;                     // In all, without progress between them.
  std::chrono::milliseconds wait_min{250};  // Doubled from one attempt to the next.
  std::chrono::milliseconds wait_max{8'000};
  std::chrono::milliseconds retry_after_max{
      60'000};  // A registry that asks for more is not waited for.
};

// One repository of one registry.
struct RegistryOptions {
  std::string host;  // As in a reference: "registry.example:5000".
  std::string repository;
  // Plain http is for this machine alone; there it is what nothing means, elsewhere https is.
  std::optional<bool> tls;
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  RetryLimits retry;
  std::uint64_t chunk_bytes = 16 << 20;  // Blobs above it go in chunks, which can be resumed.
};

}  // namespace oci
