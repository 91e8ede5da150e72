#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "telemetry/bounded_text.h"
#include "telemetry/request_id.h"
#include "telemetry/trace_context.h"

namespace telemetry {

// By which protocol a request came.
enum class Wire : std::uint8_t { AzureMl, OipRest, OipGrpc, MlFlow, TfServing, TfGrpc };
inline bool is_grpc(Wire wire) { return wire == Wire::OipGrpc || wire == Wire::TfGrpc; }

// One stretch of a request: when it began behind the request's start, and how long it took. One
// that took no time did not happen.
struct Phase {
  std::int64_t after_ns = 0;
  std::int64_t took_ns = 0;
};

// One request that was scored, or that could not be, as log and spans tell it: a plain value that
// allocates nothing, so that whoever serves may hand it on at any time. Holds nothing of what was
// scored, and of what the client sent only the names it gave its request and trace.
struct Scored {
  BoundedText<128> endpoint;
  BoundedText<64> version;  // Of what scored it; empty where the request got to none.
  Wire wire = Wire::AzureMl;
  // Whose key it was, or "token/" and whose token; empty where the server asks for none.
  BoundedText<72> key_id;
  RequestId request_id;
  TracePlace trace;
  BoundedText<kTraceStateBytesMax> trace_state;
  int status = 200;  // HTTP's; a gRPC answer has that of its code.

  std::int64_t started_ns = 0;  // Since 1970, by the wall clock.
  std::int64_t took_ns = 0;     // From the whole request to its answer.
  Phase parse;                  // Body to columns.
  Phase queue;                  // Waiting for a thread or a batch.
  Phase compute;
  Phase write;  // Results to body.

  std::uint64_t rows = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
};

// Takes events where it costs nobody anything, on the queue's own thread, one call at a time. May
// take its time: what arrives meanwhile waits, and is dropped where too much does.
class ScoredSink {
 public:
  ScoredSink() = default;
  ScoredSink(const ScoredSink&) = delete;
  ScoredSink& operator=(const ScoredSink&) = delete;
  virtual ~ScoredSink() = default;

  virtual void take(std::span<const Scored> events) = 0;
};

}  // namespace telemetry
