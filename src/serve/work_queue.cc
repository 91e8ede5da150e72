#include "serve/work_queue.h"
#include "threads/give_way.h"

#include <algorithm>
#include <cmath>
#include <system_error>
#include <utility>

#include <pthread.h>

#include <fmt/format.h>

namespace serve {
namespace {

constexpr std::size_t kWorkersMax = 1024;
constexpr std::size_t kPlacesMax = std::size_t{1} << 20;
constexpr std::size_t kWorkerNameMax = 15;  // Of pthread_setname_np, without the terminator.

double us_of(std::chrono::steady_clock::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

base::Error outside_bounds(const WorkQueue::Options& options, std::string_view what,
                           std::size_t max, std::size_t got) {
  return {base::Code::Invalid,
          fmt::format("queue \"{}\": expected 1 to {} {}, got {}", options.name, max, what, got)};
}

// At least a second, longer the more is offered, and not the same for all: else who was refused
// together comes back together.
std::chrono::seconds retry_after(Reason reason, double wait_us, double offered,
                                 std::uint32_t chance) {
  if (reason == Reason::Expired || reason == Reason::Abandoned) return std::chrono::seconds(0);
  const auto least = static_cast<std::int64_t>(std::clamp(std::ceil(wait_us / 1e6), 1.0, 60.0));
  const auto spread = static_cast<std::uint32_t>(1 + std::max(0.0, std::ceil(offered)));
  return std::chrono::seconds(least + chance % spread);
}

}  // namespace

// Everything that the lock guards. Places that are free are chained like those of a line; beyond
// queue_max there is one for each worker, which is free while it is on its way to its work.
struct WorkQueue::State {
  explicit State(const Options& options)
      : places(options.limits.queue_max + options.workers),
        workers(options.workers),
        busy_us(options.workers),
        offered(options.workers) {
    for (std::size_t i = 0; i + 1 < places.size(); ++i) {
      places[i].next = static_cast<std::uint32_t>(i + 1);
    }
    lanes.reserve(places.size());
  }

  std::vector<Place> places;
  std::uint32_t free = 0;
  std::vector<Lane*> lanes;  // Of which something of normal priority waits.
  Line low;
  Backlog waiting;     // All of it.
  double turn_us = 0;  // Of the piece that was taken last.
  std::vector<Worker> workers;
  std::size_t running = 0;
  std::vector<double> busy_us;  // Scratch.
  OfferedLoad offered;
  std::size_t sleeping = 0;
  std::size_t woken = 0;  // Sleepers that were told to get up and have not yet.
  std::uint32_t refused = 0;
  bool stopping = false;

  static void add(Backlog& backlog, double cost_us) {
    ++backlog.count;
    backlog.cost_us += cost_us;
  }
  // What is left of an empty sum is nothing, whatever rounding left of it.
  static void remove(Backlog& backlog, double cost_us) {
    --backlog.count;
    backlog.cost_us = backlog.count == 0 ? 0 : std::max(0.0, backlog.cost_us - cost_us);
  }

  // Precondition: there is a free place.
  void push(const Terms& terms, Work work, double cost_us, Time now) {
    const std::uint32_t at = free;
    Place& place = places[at];
    free = std::exchange(place.next, Line::kNobody);
    place.work = std::move(work);
    place.lane = &terms.lane;
    place.estimate_us = terms.estimate_us;
    place.cost_us = cost_us;
    place.submitted = now;
    place.deadline = terms.deadline;
    Lane& lane = terms.lane;
    Line& line = terms.priority == Priority::Low ? low : lane.line_;
    if (terms.priority == Priority::Normal) {
      if (line.waiting.count == 0) {
        lane.index_ = lanes.size();
        lanes.push_back(&lane);
      }
      place.turn_us = std::max(turn_us, lane.turn_us_);
      lane.turn_us_ = place.turn_us + cost_us;
    }
    (line.first == Line::kNobody ? line.first : places[line.last].next) = at;
    line.last = at;
    add(line.waiting, cost_us);
    add(waiting, cost_us);
  }

  // The line whose first comes next. Precondition: something waits.
  Line& next_line(Time now, double patience_us) {
    if (low.first != Line::kNobody) {
      if (lanes.empty() || us_of(now - places[low.first].submitted) > patience_us) return low;
    }
    const auto first_of = [this](const Lane* lane) -> const Place& {
      return places[lane->line_.first];
    };
    return (*std::min_element(lanes.begin(), lanes.end(),
                              [&](const Lane* a, const Lane* b) {
                                const Place& of_a = first_of(a);
                                const Place& of_b = first_of(b);
                                if (of_a.turn_us != of_b.turn_us)
                                  return of_a.turn_us < of_b.turn_us;
                                return of_a.submitted < of_b.submitted;
                              }))
        ->line_;
  }

  // Takes the first out of a line; its place is free from then on.
  Place& pop(Line& line) {
    const std::uint32_t at = line.first;
    Place& place = places[at];
    line.first = place.next;
    remove(line.waiting, place.cost_us);
    remove(waiting, place.cost_us);
    if (&line != &low) {
      turn_us = place.turn_us;
      if (line.first == Line::kNobody) {
        lanes.back()->index_ = place.lane->index_;
        lanes[place.lane->index_] = lanes.back();
        lanes.pop_back();
      }
    }
    place.next = std::exchange(free, at);
    return place;
  }

  // What is done before a piece that is submitted now.
  Backlog ahead_of(const Terms& terms, double cost_us) const {
    if (terms.priority == Priority::Low) return waiting;
    Backlog ahead = terms.lane.line_.waiting;
    // As much of each other lane as has its turn by then.
    const double by_then_us = ahead.cost_us + cost_us;
    for (const Lane* lane : lanes) {
      if (lane == &terms.lane) continue;
      const Backlog& of_other = lane->line_.waiting;
      const double share = std::min(1.0, by_then_us / std::max(of_other.cost_us, 1e-3));
      ahead.cost_us += of_other.cost_us * share;
      ahead.count +=
          static_cast<std::size_t>(std::ceil(static_cast<double>(of_other.count) * share));
    }
    return ahead;
  }

  void settle(Worker& worker) {
    if (!worker.runs) return;
    worker.runs = false;
    --running;
  }
};

WorkQueue::WorkQueue(Options options)
    : options_(std::move(options)), state_(std::make_unique<State>(options_)) {}

base::Result<std::unique_ptr<WorkQueue>> WorkQueue::start(Options options) {
  if (options.workers < 1 || options.workers > kWorkersMax) {
    return outside_bounds(options, "workers", kWorkersMax, options.workers);
  }
  const std::size_t places = options.limits.queue_max;
  if (places < 1 || places > kPlacesMax) {
    return outside_bounds(options, "queued requests", kPlacesMax, places);
  }
  std::unique_ptr<WorkQueue> queue(new WorkQueue(std::move(options)));
  TRY(queue->start_workers());
  return queue;
}

base::Result<void> WorkQueue::start_workers() {
  try {
    for (std::size_t i = 0; i < options_.workers; ++i) {
      auto& thread = threads_.emplace_back([this, i] { work(i); });
      const std::string name = options_.name.substr(0, kWorkerNameMax);
      ::pthread_setname_np(thread.native_handle(), name.c_str());
    }
  } catch (const std::system_error& error) {
    return base::Error(base::Code::Exhausted,
                       fmt::format("queue \"{}\": thread: {}", options_.name, error.what()));
  }
  return {};
}

WorkQueue::~WorkQueue() {
  stop(Time());
  threads_.clear();
}

// Until a worker is free for it.
double WorkQueue::wait_us(State& state, const Terms& terms, double cost_us, Time now) const {
  for (std::size_t i = 0; i < state.workers.size(); ++i) {
    const Worker& worker = state.workers[i];
    const double left_us = worker.cost_us - us_of(now - worker.started);
    // What has taken longer than expected for a while will take as long again.
    state.busy_us[i] = worker.runs ? std::abs(left_us) : 0;
  }
  return predicted_wait_us(state.busy_us, state.ahead_of(terms, cost_us));
}

// As a piece finds the queue, and is counted as offered.
QueueView WorkQueue::view_of(State& state, const Terms& terms, double cost_us, Time now) const {
  const double load = state.offered.offer(now, cost_us);
  const std::size_t of_its_own = terms.lane.line_.waiting.count;
  QueueView view{
      .queued = state.waiting.count,
      .worker_is_free = state.waiting.count +
                        state.running<options_.workers, .alone_of_its_kind = of_its_own == 0,
                                      .others_are_ahead = state.waiting.count>
                            of_its_own,
      .offered = {load, state.offered.uncapped(), options_.workers},
  };
  if (view.worker_is_free) return view;
  for (const Worker& worker : state.workers) {
    if (!worker.runs) continue;
    view.others_are_ahead = view.others_are_ahead || worker.lane != &terms.lane;
    view.longest_us = std::max(view.longest_us, worker.cost_us);
  }
  view.wait_us = wait_us(state, terms, cost_us, now);
  return view;
}

bool WorkQueue::submit(const Terms& terms, Work work) {
  const Time now = options_.now();
  const double cost_us = terms.estimate_us * terms.lane.calibration().ratio();
  Refusal refusal;
  bool wake = false;
  {
    auto lock = state_.lock();
    State& state = **lock;
    const QueueView view = view_of(state, terms, cost_us, now);
    Ask ask{.cost_us = cost_us, .due_us = std::nullopt, .priority = terms.priority};
    if (terms.deadline) ask.due_us = us_of(*terms.deadline - now);
    const auto refused = state.stopping ? Reason::Stopping : refusal_of(ask, view, options_.limits);
    if (!refused) {
      state.push(terms, std::move(work), cost_us, now);
      wake = state.sleeping > state.woken;
      if (wake) ++state.woken;
    } else {
      // Knuth's multiplicative hash: as good as chance here.
      const std::uint32_t chance = (++state.refused * 2654435761U) >> 16U;
      refusal = {*refused, retry_after(*refused, view.wait_us, view.offered.load, chance)};
    }
  }
  if (wake) arrived_.notify_one();
  if (!work) return true;
  work.drop(refusal);
  return false;
}

WorkQueue::Figures WorkQueue::figures() const {
  const Time now = options_.now();
  auto lock = state_.lock();
  const State& state = **lock;
  return {
      .queued = state.waiting.count, .running = state.running, .offered = state.offered.at(now)};
}

void WorkQueue::work(std::size_t worker) {
  threads::give_way(threads::Way::OfWork);
  while (Taken taken = take(worker)) {
    do_one(taken);
    // What it owns goes before it counts as settled.
  }
}

void WorkQueue::do_one(Taken& taken) const {
  if (!taken.dropped && taken.work.abandoned()) taken.dropped = Reason::Abandoned;
  if (taken.dropped) {
    const bool again = *taken.dropped == Reason::TooLate;
    taken.work.drop({*taken.dropped, std::chrono::seconds(again ? 1 : 0)});
    return;
  }
  taken.work.run();
  taken.lane->calibration_.learn(taken.estimate_us, us_of(options_.now() - taken.started));
}

// The next piece, or none once the queue stops and nothing waits. Who is awake takes it without
// having slept.
WorkQueue::Taken WorkQueue::take(std::size_t worker) {
  for (;;) {
    const Time now = options_.now();
    auto lock = state_.lock();
    State& state = **lock;
    Worker& self = state.workers[worker];
    state.settle(self);
    if (state.waiting.count > 0) {
      Place& place = state.pop(state.next_line(now, options_.limits.queue_time_max_us / 2));
      ++state.running;
      self = {.runs = true, .lane = place.lane, .started = now, .cost_us = place.cost_us};
      Taken taken{std::move(place.work), place.lane, place.estimate_us, now, std::nullopt};
      if (place.deadline && *place.deadline <= now) {
        taken.dropped = Reason::Expired;
      } else if (place.deadline && state.waiting.count > 0 &&
                 us_of(*place.deadline - now) < place.cost_us) {
        taken.dropped = Reason::TooLate;
      }
      return taken;
    }
    if (state.stopping) {
      if (state.running == 0) settled_.notify_all();
      return {};
    }
    ++state.sleeping;
    lock.wait_until(arrived_, Time::max(),
                    [](const std::unique_ptr<State>& s) { return s->woken > 0 || s->stopping; });
    --state.sleeping;
    if (state.woken > 0) --state.woken;
  }
}

bool WorkQueue::stop(Time deadline) {
  std::vector<Work> dropped;
  bool all_done = false;
  {
    auto lock = state_.lock();
    State& state = **lock;
    state.stopping = true;
    arrived_.notify_all();
    all_done = lock.wait_until(settled_, deadline, [](const std::unique_ptr<State>& s) {
      return s->waiting.count == 0 && s->running == 0;
    });
    while (state.waiting.count > 0) {
      dropped.push_back(std::move(state.pop(state.next_line(deadline, 0)).work));
    }
  }
  for (Work& work : dropped) {
    work.drop({Reason::Stopping, std::chrono::seconds(1)});
  }
  return all_done;
}

}  // namespace serve
