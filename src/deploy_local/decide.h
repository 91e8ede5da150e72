#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "deploy/endpoint_spec.h"

// What a keeper does next: a function of what is wanted, what runs, and now. Pure, so that every
// update, crash and end is a row of a table in its test.
namespace deploy_local {

using Moment = std::chrono::milliseconds;  // On a clock that never goes back.

enum class Phase : std::uint8_t { Starting, Ready, Stopping };

// A process that runs.
struct Replica {
  std::string deployment;
  std::int64_t ordinal = 0;  // From 1: "blue-1".
  std::string form;          // What it was started as.
  Phase phase = Phase::Starting;
  Moment since{};           // When that phase began.
  Moment start_time_max{};  // Longest that it may take to get ready,
  Moment stop_time_max{};   // and to stop.

  std::string name() const { return deployment + "-" + std::to_string(ordinal); }
};

// A deployment that is to be there.
struct Want {
  std::string deployment;
  std::string form;
  std::int64_t replicas = 0;
  deploy::Update update = deploy::Update::Surge;
};

// How starting one deployment has gone so far.
struct Past {
  std::string form;  // Counts for this form only.
  int failures = 0;  // In a row.
  Moment last_failure{};
  bool was_ready = false;  // One of this form was ready once.
  bool hopeless = false;   // It fails the same way each time.
};

// So many failures in a row of a form that never was ready, and it is given up.
constexpr int kFailuresMax = 5;
// After the first failure it is started again at once, then after 1 s, 2 s, 4 s, and so on.
constexpr Moment kBackoffMin{1'000};
constexpr Moment kBackoffMax{60'000};
// What ran for so long and ends has not failed in a row.
constexpr Moment kStableAfter{60'000};

bool given_up(const Past& past);
// When the next one may be started.
Moment next_start(const Past& past);
// What is known after one of that form has ended although it should not have.
Past after_failure(Past past, const Replica& ended, bool hopeless, Moment now);

struct View {
  std::vector<Want> wanted;
  std::vector<Replica> replicas;
  std::map<std::string, Past> past;  // By deployment.
  bool ending = false;               // Nothing is wanted any more.
  Moment now{};
};

struct ReplicaId {
  std::string deployment;
  std::int64_t ordinal = 0;
  bool operator==(const ReplicaId&) const = default;
};

struct Decision {
  std::vector<ReplicaId> start;
  std::vector<ReplicaId> stop;      // Asked to finish what it has.
  std::vector<ReplicaId> kill;      // Took too long to stop,
  std::vector<ReplicaId> too_late;  // or to get ready: killed, and that is a failure.
  std::optional<Moment> wake;       // When to decide again, though nothing happens.
  bool settled = false;             // All that is wanted is ready, and the rest stops.
};
Decision decide(const View& view);

}  // namespace deploy_local
