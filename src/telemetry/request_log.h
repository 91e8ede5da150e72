#pragma once

#include "telemetry/log.h"
#include "telemetry/scored.h"

namespace telemetry {

// A line of log for each request:
//   {...,"message":"scored","endpoint":"faq","version":"3","status":200,"us":120,...}
class RequestLog final : public ScoredSink {
 public:
  // The log outlives it. `ratio` is the share of answered requests that get a line, by the id of
  // the request; those that failed in the server (5xx) all get one.
  RequestLog(Log& log, double ratio) : log_(log), ratio_(ratio) {}

  void take(std::span<const Scored> events) override;

 private:
  bool writes(const Scored& event) const;

  Log& log_;
  const double ratio_;
};

}  // namespace telemetry
