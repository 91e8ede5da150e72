#pragma once

#include <cstddef>
#include <string>

#include "telemetry/random_bits.h"
#include "telemetry/scored.h"

namespace telemetry {

// Who the spans are of.
struct SpanResource {
  std::string service_name;
  std::string service_version;
};

// Spans on their way to a collector, as the body of an OTLP/HTTP request in its binary form, which
// every collector accepts (Content-Type: application/x-protobuf; OTLP 1.0 and later). A request is
// a span of kind server, named by its protocol's route, with a child for each phase it went
// through; 5xx is an error. Texts pass scrub().
class SpanBatch {
 public:
  // Of one request: at most, and of this one.
  static constexpr std::size_t kSpansMax = 5;
  static std::size_t spans_of(const Scored& event);

  explicit SpanBatch(const SpanResource& resource);

  // `random` is for the ids of the children.
  void add(const Scored& event, const RandomBits& random);
  std::size_t spans() const { return count_; }

  std::string body() const;
  void clear();

 private:
  const std::string resource_;  // Encoded, as are the spans.
  const std::string scope_;
  std::string spans_;
  std::size_t count_ = 0;
};

}  // namespace telemetry
