#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "telemetry/random_bits.h"

namespace telemetry {

// An id of W3C Trace Context; all zeros is none.
template <std::size_t N>
struct TraceBytes {
  std::array<std::uint8_t, N> bytes{};

  bool empty() const { return bytes == std::array<std::uint8_t, N>{}; }
  std::string_view raw() const { return {reinterpret_cast<const char*>(bytes.data()), N}; }
  std::string hex() const;  // Lower case.
  bool operator==(const TraceBytes&) const = default;
};
using TraceId = TraceBytes<16>;
using SpanId = TraceBytes<8>;
extern template struct TraceBytes<16>;
extern template struct TraceBytes<8>;

// Never all zeros, whatever `random` gives.
TraceId make_trace_id(const RandomBits& random);
SpanId make_span_id(const RandomBits& random);

// What the field `traceparent` says (W3C Trace Context, level 2).
struct TraceParent {
  TraceId trace;
  SpanId span;
  bool sampled = false;
  bool random = false;  // The trace id is random: passed on as it came.

  bool operator==(const TraceParent&) const = default;
};

// Nothing where the text is malformed: a request that says so begins a trace of its own. Versions
// to come may have more behind what is known of them.
std::optional<TraceParent> parse_traceparent(std::string_view text);
// In version 00.
std::string format_traceparent(const TraceParent& parent);

// The field `tracestate` as it came if it is well formed and short enough to be passed on, else "".
inline constexpr std::size_t kTraceStateBytesMax = 512;
std::string_view valid_tracestate(std::string_view text);

// Which traces are recorded. The ratio counts by trace id as OpenTelemetry's TraceIdRatioBased
// does, so that all who take part in a trace decide alike.
struct Sampler {
  bool follows_parent = true;  // Where there is one, the ratio counts for nothing.
  double ratio = 0;

  bool takes(const TraceId& trace, std::optional<bool> parent_sampled) const;
  bool operator==(const Sampler&) const = default;
};

// Where one request stands in a trace.
struct TracePlace {
  TraceId trace;
  SpanId span;    // The request's own.
  SpanId parent;  // Empty: the trace begins here.
  bool sampled = false;

  // Whether anybody but this server knows the trace.
  bool known() const { return sampled || !parent.empty(); }
};

// `traceparent` is the field's value, "" where the request has none or several.
TracePlace find_place(std::string_view traceparent, const Sampler& sampler,
                      const RandomBits& random);

}  // namespace telemetry
