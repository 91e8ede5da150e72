#pragma once

#include <chrono>

#include "contract/route.h"
#include "front/options.h"
#include "front/target.h"
#include "net/exchange.h"
#include "serve/work_queue.h"

namespace front {

// Scores requests whose target is known, and finishes them: what costs little on the thread that
// asks, the rest by the queue. Any thread may ask.
class Dispatcher {
 public:
  // Both outlive it.
  Dispatcher(const FrontOptions& options, serve::WorkQueue& queue)
      : options_(options), queue_(queue) {}

  void score_or_queue(const contract::Route& route, Target target, net::Exchange& exchange);

 private:
  class Pending;
  using Time = std::chrono::steady_clock::time_point;

  struct Span {
    Time arrived;
    Time deadline;
  };
  void score_now(const contract::Route& route, const Target& target, const Span& span,
                 net::Exchange& exchange) const;
  static void drop(const contract::Route& route, const Target& target, const serve::Refusal& why,
                   net::Exchange& exchange);

  const FrontOptions& options_;
  serve::WorkQueue& queue_;
};

}  // namespace front
