#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "config/option.h"
#include "config/settings.h"

namespace net {

// What floods of frames are counted over.
inline constexpr std::chrono::seconds kFloodPeriod{10};

// Everything that bounds what a client can make the server hold or wait for. The defaults are
// those of the table of options.
struct Limits {
  std::size_t header_bytes_max;  // Request line and fields of one request.
  std::size_t header_fields_max;
  std::size_t target_bytes_max;
  std::chrono::milliseconds header_time_max;  // From the first byte of a request, or accept.
  std::chrono::milliseconds idle_time_max;    // Between two requests.
  std::chrono::milliseconds rate_grace;       // Before the least rate counts.
  std::size_t rate_min;                       // Bytes each second, of bodies and of answers.
  std::size_t connections_max;
  std::size_t connections_per_source_max;
  std::uint64_t bodies_bytes_max;  // Of all connections together; 0: bodies_within() says it.

  // Of one connection of HTTP/2.
  std::size_t streams_max;
  std::size_t stream_window;
  std::size_t connection_window;
  std::size_t stream_bodies_max;  // Bytes of bodies, beyond which one stream is read on at a time.
  std::size_t continuations_max;
  std::size_t resets_max;          // In kFloodPeriod.
  std::size_t control_frames_max;  // In kFloodPeriod.

  // gRPC calls that are followed. Each connection may have one, whoever else has how many.
  std::size_t followers_max;  // Of all connections, beyond those.
  std::size_t followers_per_connection_max;

  Limits();
  explicit Limits(const config::Settings& settings);  // Of limit_options().
};

std::span<const config::Option> limit_options();

// What the process may use of the machine.
struct Means {
  std::uint64_t descriptors = 0;  // Files that it may open.
  std::uint64_t memory_bytes = 0;
};

// How many connections to hold: half of the descriptors and a quarter of the memory are kept for
// everything else that needs them.
std::size_t connections_within(std::size_t connections_max, const Means& means);

// How much memory their bodies may take together: a quarter, where nothing else is said.
std::uint64_t bodies_within(std::uint64_t bodies_bytes_max, const Means& means);

}  // namespace net
