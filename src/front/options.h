#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "front/bodies.h"
#include "front/guard.h"
#include "front/throttle.h"
#include "front/tokens.h"
#include "serve/loader.h"
#include "telemetry/random_bits.h"
#include "telemetry/scored_queue.h"
#include "telemetry/trace_context.h"

namespace front {

// What a front is told when it is made; the parts that it is made of read it too.
struct FrontOptions {
  std::string version;  // Of the program.
  BodyOptions bodies;
  double inline_us_max = 200;  // Longer work goes to the queue.
  // Where a client does not say how long it waits; and no longer than this where it does.
  std::chrono::nanoseconds request_time_max = std::chrono::minutes(1);
  std::function<std::chrono::steady_clock::time_point()> now;
  // Without keys and tokens everybody may ask; they outlive the front.
  const Guard::Keys* keys = nullptr;
  Tokens* tokens = nullptr;
  // How often who is heard; its clock is `now`.
  Throttle::Options throttle;
  // For keys and tokens that expire, and for when something was scored last.
  Guard::WallClock wall_now;
  // Told of each scored request; null: nobody wants to hear of them. Outlives the front.
  telemetry::ScoredQueue* events = nullptr;
  telemetry::Sampler sampler;
  telemetry::RandomBits random = telemetry::fast_random_bits;
  // What loads and unloads endpoints on request; null: nothing does. Outlives the exchanges.
  serve::Loader* loader = nullptr;
  // Paths that a platform chooses for its predictions and its probes; empty: none.
  std::string predict_route;
  std::string health_route;
};

}  // namespace front
