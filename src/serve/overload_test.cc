#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "serve/work_queue.h"

// More work than can be done, at random moments (Poisson) and whatever becomes of it, with real
// threads and without sockets. Latencies count from the moment that was meant. The machine may be
// busy with other things: what is asserted is loose, what was measured is printed.

namespace serve {
namespace {

using std::chrono::duration;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using LoadClock = std::chrono::steady_clock;
using Micros = duration<double, std::micro>;

enum class Does { Spin, Sleep };

struct Scenario {
  std::size_t workers = 1;
  microseconds cost{5000};
  Does does = Does::Spin;
  double times_capacity = 2;
  milliseconds lasts{500};
  // Before it, at half the capacity, and behind it again.
  milliseconds calm{200};
};

struct Offered {
  enum class Fate { Unknown, Done, Refused };
  LoadClock::time_point meant;
  LoadClock::time_point offered;
  LoadClock::time_point settled;
  std::atomic<Fate> fate = Fate::Unknown;
};

struct Load {
  Offered* piece;
  const Scenario* scenario;

  void run() {
    const auto until = LoadClock::now() + scenario->cost;
    if (scenario->does == Does::Sleep) {
      std::this_thread::sleep_until(until);
    } else {
      while (LoadClock::now() < until) {
      }
    }
    settle(Offered::Fate::Done);
  }
  bool abandoned() const { return false; }
  void drop(const Refusal&) { settle(Offered::Fate::Refused); }
  void settle(Offered::Fate fate) {
    piece->settled = LoadClock::now();
    piece->fate = fate;
  }
};

struct Measured {
  double goodput = 0;  // Of the capacity.
  double p50_costs = 0;
  double p99_costs = 0;  // From the moment meant to the end, in costs of a piece.
  double refusal_p99_us = 0;
  double late_goodput = 0;  // Of what was offered from 100 ms after the overload on.
  std::size_t done = 0;
};

double percentile(std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

// The moments at which pieces are meant to come: calm, overload, calm.
std::vector<LoadClock::duration> plan_of(const Scenario& scenario) {
  std::mt19937_64 chance(7);
  std::vector<LoadClock::duration> moments;
  const double per_us =
      static_cast<double>(scenario.workers) / static_cast<double>(scenario.cost.count());
  Micros at{0};
  const auto phase = [&](double times, Micros end) {
    std::exponential_distribution<double> gap(per_us * times);
    for (at += Micros(gap(chance)); at < end; at += Micros(gap(chance))) {
      moments.push_back(std::chrono::duration_cast<LoadClock::duration>(at));
    }
    at = end;
  };
  phase(0.5, scenario.calm);
  phase(scenario.times_capacity, scenario.calm + scenario.lasts);
  phase(0.5, scenario.calm + scenario.lasts + scenario.calm);
  return moments;
}

// Offers each piece at its moment, or at once if that has passed.
void offer_all(WorkQueue& queue, Lane& lane, const Scenario& scenario,
               const std::vector<LoadClock::duration>& moments, std::vector<Offered>& pieces) {
  const auto begin = LoadClock::now();
  const auto estimate_us = static_cast<double>(scenario.cost.count()) / 3;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    pieces[i].meant = begin + moments[i];
    while (LoadClock::now() < pieces[i].meant) {
      if (pieces[i].meant - LoadClock::now() > microseconds(120)) {
        std::this_thread::sleep_for(microseconds(60));
      }
    }
    pieces[i].offered = LoadClock::now();
    queue.submit({.lane = lane, .estimate_us = estimate_us}, Load{&pieces[i], &scenario});
  }
}

Measured judge(const Scenario& scenario, const std::vector<LoadClock::duration>& moments,
               const std::vector<Offered>& pieces) {
  Measured measured;
  std::vector<double> latencies;
  std::vector<double> refusals;
  std::size_t late = 0;
  std::size_t late_done = 0;
  const auto over = scenario.calm + scenario.lasts;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const Offered& piece = pieces[i];
    const bool done = piece.fate == Offered::Fate::Done;
    if (moments[i] >= over + milliseconds(100)) {
      ++late;
      late_done += done ? 1 : 0;
    }
    if (moments[i] < scenario.calm || moments[i] >= over) continue;
    if (done) latencies.push_back(Micros(piece.settled - piece.meant) / scenario.cost);
    if (!done) refusals.push_back(Micros(piece.settled - piece.offered).count());
  }
  measured.done = latencies.size();
  measured.goodput = static_cast<double>(latencies.size()) *
                     (Micros(scenario.cost) / scenario.lasts) /
                     static_cast<double>(scenario.workers);
  measured.p50_costs = percentile(latencies, 0.5);
  measured.p99_costs = percentile(latencies, 0.99);
  measured.refusal_p99_us = percentile(refusals, 0.99);
  measured.late_goodput =
      late == 0 ? 1 : static_cast<double>(late_done) / static_cast<double>(late);
  return measured;
}

Measured measure(const Scenario& scenario) {
  Lane lane;
  auto queue = WorkQueue::start({.name = "overload",
                                 .workers = scenario.workers,
                                 .limits = {.queue_max = 256},
                                 .now = LoadClock::now});
  if (!queue.ok()) return {};
  const auto moments = plan_of(scenario);
  std::vector<Offered> pieces(moments.size());
  offer_all(**queue, lane, scenario, moments, pieces);
  EXPECT_TRUE((*queue)->stop(LoadClock::now() + std::chrono::seconds(30)));
  for (const Offered& piece : pieces) EXPECT_NE(piece.fate.load(), Offered::Fate::Unknown);
  const Measured measured = judge(scenario, moments, pieces);
  std::printf(
      "  %2zu workers, %5ld us, %4.1fx: goodput %5.1f %%, p50 %5.2f p99 %5.2f costs, refusals p99 "
      "%4.0f us, %.1f %% done from 100 ms after on (%zu)\n",
      scenario.workers, static_cast<long>(scenario.cost.count()), scenario.times_capacity,
      100 * measured.goodput, measured.p50_costs, measured.p99_costs, measured.refusal_p99_us,
      100 * measured.late_goodput, measured.done);
  std::fflush(stdout);
  return measured;
}

TEST(OverloadTest, KeepsDoingWhatItCanAndSoon) {
  for (const double times : {2.0, 10.0}) {
    const Measured measured = measure({.workers = 2, .does = Does::Sleep, .times_capacity = times});
    EXPECT_GT(measured.goodput, 0.7);
    EXPECT_LT(measured.p50_costs, 6);
    EXPECT_LT(measured.refusal_p99_us, 50'000);
    EXPECT_GT(measured.late_goodput, 0.6);
  }
}

TEST(OverloadTest, OfSmallWorkDoesWhatRefusingLeaves) {
  const Measured measured = measure({.workers = 1,
                                     .cost = microseconds(10),
                                     .times_capacity = 3,
                                     .lasts = milliseconds(200),
                                     .calm = milliseconds(50)});
  EXPECT_GT(measured.goodput, 0.01);
}

// Half a minute, for a quiet machine.
TEST(OverloadTest, DISABLED_Measures) {
  for (const std::size_t workers : {1U, 2U, 16U}) {
    for (const double times : {0.5, 0.9, 2.0, 5.0, 10.0}) {
      measure({.workers = workers,
               .does = workers == 1 ? Does::Spin : Does::Sleep,
               .times_capacity = times,
               .lasts = milliseconds(3000),
               .calm = milliseconds(300)});
    }
  }
  for (const double times : {0.5, 2.0, 5.0, 10.0}) {
    measure({.workers = 1, .cost = microseconds(10), .times_capacity = times});
  }
}

}  // namespace
}  // namespace serve
