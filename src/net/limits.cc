#include "net/limits.h"

#include <algorithm>

namespace net {
namespace {

using config::Option;
using config::Type;

// What connections may have of the memory, and what their bodies may.
constexpr std::uint64_t kShareOfMemory = 4;
// About what one takes that has TLS and HTTP/2 and no body.
constexpr std::uint64_t kConnectionBytes = 64 << 10;

constexpr Option kOptions[] = {
    {.name = "header_bytes_max",
     .type = Type::Bytes,
     .fallback = "16 KiB",
     .min = 1 << 10,
     .max = 1 << 20,
     .sentence = "Longest request line and header fields together."},
    {.name = "header_fields_max",
     .type = Type::Int,
     .fallback = "100",
     .min = 8,
     .max = 1000,
     .unit = "fields",
     .sentence = "Most header fields of a request."},
    {.name = "target_bytes_max",
     .type = Type::Bytes,
     .fallback = "8 KiB",
     .min = 64,
     .max = 64 << 10,
     .sentence = "Longest path and query of a request."},
    {.name = "header_time_max",
     .type = Type::Duration,
     .fallback = "10 s",
     .min = 10,
     .max = 600'000,
     .sentence = "Longest time that the header of a request may take to arrive."},
    {.name = "idle_time_max",
     .type = Type::Duration,
     .fallback = "60 s",
     .min = 10,
     .max = 3'600'000,
     .sentence = "Longest silence between two requests of a connection."},
    {.name = "rate_grace",
     .type = Type::Duration,
     .fallback = "10 s",
     .min = 10,
     .max = 600'000,
     .sentence = "Time that a body or an answer may take before rate_min counts."},
    {.name = "rate_min",
     .type = Type::Bytes,
     .fallback = "500 B",
     .min = 1,
     .max = 1 << 30,
     .sentence = "Fewest bytes each second that a client must send or take."},
    {.name = "connections_max",
     .type = Type::Int,
     .fallback = "4096",
     .min = 1,
     .max = 1'000'000,
     .unit = "connections",
     .sentence = "Most connections at once, of all clients."},
    {.name = "connections_per_source_max",
     .type = Type::Int,
     .fallback = "4096",
     .min = 1,
     .max = 1'000'000,
     .unit = "connections",
     .sentence = "Most connections at once of one IPv4 address or IPv6 /64 network."},
    {.name = "bodies_bytes_max",
     .type = Type::Bytes,
     .fallback = "0 B",
     .min = 0,
     .max = std::int64_t{1} << 44,
     .sentence = "Bytes of bodies and answers that all connections may make the server hold; "
                 "0: a quarter of the memory that it may use."},
    {.name = "streams_max",
     .type = Type::Int,
     .fallback = "100",
     .min = 1,
     .max = 10'000,
     .unit = "streams",
     .sentence = "Most requests at once of one HTTP/2 connection."},
    {.name = "stream_window",
     .type = Type::Bytes,
     .fallback = "256 KiB",
     .min = 1 << 10,
     .max = 1 << 30,
     .sentence = "Bytes of one HTTP/2 request that may be sent ahead of being read."},
    {.name = "connection_window",
     .type = Type::Bytes,
     .fallback = "1 MiB",
     .min = 64 << 10,
     .max = 1 << 30,
     .sentence = "The same of all requests of one HTTP/2 connection."},
    {.name = "stream_bodies_max",
     .type = Type::Bytes,
     .fallback = "32 MiB",
     .min = 64 << 10,
     .max = std::int64_t{1} << 40,
     .sentence = "Bytes of bodies that one HTTP/2 connection may make the server hold before its "
                 "requests are read on one at a time."},
    {.name = "continuations_max",
     .type = Type::Int,
     .fallback = "8",
     .min = 0,
     .max = 1000,
     .unit = "frames",
     .sentence = "Most CONTINUATION frames of one HTTP/2 request."},
    {.name = "resets_max",
     .type = Type::Int,
     .fallback = "100",
     .min = 1,
     .max = 1'000'000,
     .unit = "streams",
     .sentence = "Most requests of one HTTP/2 connection that may be reset in 10 s, by the client "
                 "or for its errors."},
    {.name = "control_frames_max",
     .type = Type::Int,
     .fallback = "200",
     .min = 10,
     .max = 1'000'000,
     .unit = "frames",
     .sentence = "Most frames of one HTTP/2 connection in 10 s that carry nothing of a request."},
    {.name = "followers_max",
     .type = Type::Int,
     .fallback = "1000",
     .min = 0,
     .max = 1'000'000,
     .unit = "calls",
     .sentence = "Most gRPC calls at once that wait for news, as Watch of health does, beyond the "
                 "one that each connection may have."},
    {.name = "followers_per_connection_max",
     .type = Type::Int,
     .fallback = "16",
     .min = 1,
     .max = 10'000,
     .unit = "calls",
     .sentence = "Most of these calls of one connection."},
};

std::size_t count(const config::Settings& settings, std::string_view name) {
  return static_cast<std::size_t>(settings.integer(name));
}

}  // namespace

Limits::Limits() : Limits(config::Settings(kOptions)) {}

Limits::Limits(const config::Settings& settings)
    : header_bytes_max(settings.bytes("header_bytes_max")),
      header_fields_max(count(settings, "header_fields_max")),
      target_bytes_max(settings.bytes("target_bytes_max")),
      header_time_max(settings.duration("header_time_max")),
      idle_time_max(settings.duration("idle_time_max")),
      rate_grace(settings.duration("rate_grace")),
      rate_min(settings.bytes("rate_min")),
      connections_max(count(settings, "connections_max")),
      connections_per_source_max(count(settings, "connections_per_source_max")),
      bodies_bytes_max(settings.bytes("bodies_bytes_max")),
      streams_max(count(settings, "streams_max")),
      stream_window(settings.bytes("stream_window")),
      connection_window(settings.bytes("connection_window")),
      stream_bodies_max(settings.bytes("stream_bodies_max")),
      continuations_max(count(settings, "continuations_max")),
      resets_max(count(settings, "resets_max")),
      control_frames_max(count(settings, "control_frames_max")),
      followers_max(count(settings, "followers_max")),
      followers_per_connection_max(count(settings, "followers_per_connection_max")) {}

std::span<const config::Option> limit_options() { return kOptions; }

std::size_t connections_within(std::size_t connections_max, const Means& means) {
  const std::uint64_t by_memory = means.memory_bytes / kShareOfMemory / kConnectionBytes;
  return std::clamp<std::size_t>(std::min(means.descriptors / 2, by_memory), 1, connections_max);
}

std::uint64_t bodies_within(std::uint64_t bodies_bytes_max, const Means& means) {
  return bodies_bytes_max > 0 ? bodies_bytes_max : means.memory_bytes / kShareOfMemory;
}

}  // namespace net
