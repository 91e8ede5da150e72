#pragma once

#include <cstddef>
#include <cstdint>

#include "serve/admission.h"
#include "serve/calibration.h"

namespace serve {

// Work that waits, oldest first: a list through the places of a queue.
struct Line {
  static constexpr std::uint32_t kNobody = ~std::uint32_t{0};

  std::uint32_t first = kNobody;
  std::uint32_t last = kNobody;
  Backlog waiting;
};

// The place of one deployment in the queue of a server: what its work really costs, and what of it
// waits. Lanes take turns by the time that their work takes, so that a flood of requests to one
// deployment does not make those of another wait. It outlives its work, and belongs to the first
// queue that it is used with. Everything but the calibration is the queue's.
class Lane {
 public:
  Lane() = default;
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  const Calibration& calibration() const { return calibration_; }

 private:
  friend class WorkQueue;
  Calibration calibration_;
  Line line_;
  double turn_us_ = 0;     // The turn behind its last piece; WorkQueue::State::turn_us.
  std::size_t index_ = 0;  // Among the lanes of which something waits.
};

}  // namespace serve
