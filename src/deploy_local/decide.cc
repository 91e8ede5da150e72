#include "deploy_local/decide.h"

#include <algorithm>
#include <set>

namespace deploy_local {
namespace {

ReplicaId id_of(const Replica& replica) { return {replica.deployment, replica.ordinal}; }

// The replicas of one deployment, by what they are to it.
struct Group {
  std::vector<const Replica*> current;  // Of the form that is wanted; in order of their ordinal.
  std::vector<const Replica*> old;      // Of another form.
  std::int64_t stopping = 0;
  std::set<std::int64_t> ordinals;

  static std::int64_t ready(const std::vector<const Replica*>& replicas) {
    return std::count_if(replicas.begin(), replicas.end(),
                         [](const Replica* each) { return each->phase == Phase::Ready; });
  }
  static std::int64_t count(const std::vector<const Replica*>& replicas) {
    return static_cast<std::int64_t>(replicas.size());
  }
  std::int64_t starting() const { return count(current) - ready(current); }
};

// Those that are not ready first, then the newest.
void order_for_stopping(std::vector<const Replica*>& replicas) {
  std::stable_sort(replicas.begin(), replicas.end(), [](const Replica* a, const Replica* b) {
    const bool a_ready = a->phase == Phase::Ready;
    const bool b_ready = b->phase == Phase::Ready;
    return a_ready != b_ready ? b_ready : a->ordinal > b->ordinal;
  });
}

class Decider {
 public:
  explicit Decider(const View& view) : view_(view) {}

  Decision decide() {
    const bool satisfied = all_are_ready();
    for (const Want& want : view_.wanted) {
      if (!view_.ending) update(want);
    }
    for (const Replica& each : view_.replicas) {
      const bool wanted = find_want(each.deployment) != nullptr && !view_.ending;
      // What takes its place answers before it goes.
      if (!wanted && (satisfied || view_.ending) && each.phase != Phase::Stopping) stop(each);
      check_times(each);
    }
    // Those that only finish what they have change nothing any more.
    const auto running =
        std::count_if(view_.replicas.begin(), view_.replicas.end(),
                      [](const Replica& each) { return each.phase != Phase::Stopping; });
    decision_.settled = !view_.ending && satisfied && running == wanted_count() &&
                        decision_.start.empty() && decision_.stop.empty();
    return std::move(decision_);
  }

 private:
  const Want* find_want(const std::string& deployment) const {
    for (const Want& each : view_.wanted) {
      if (each.deployment == deployment) return &each;
    }
    return nullptr;
  }

  std::int64_t wanted_count() const {
    std::int64_t count = 0;
    for (const Want& each : view_.wanted) count += each.replicas;
    return count;
  }

  Group group_of(const Want& want) const {
    Group group;
    for (const Replica& each : view_.replicas) {
      if (each.deployment != want.deployment) continue;
      group.ordinals.insert(each.ordinal);
      if (each.phase == Phase::Stopping) {
        ++group.stopping;
      } else {
        (each.form == want.form ? group.current : group.old).push_back(&each);
      }
    }
    return group;
  }

  bool all_are_ready() const {
    return std::all_of(view_.wanted.begin(), view_.wanted.end(), [&](const Want& want) {
      return Group::ready(group_of(want).current) >= want.replicas;
    });
  }

  void update(const Want& want) {
    Group group = group_of(want);
    start_missing(want, group);
    stop_old(want, group);
    // Fewer are wanted than there are.
    order_for_stopping(group.current);
    for (std::int64_t i = 0; i < Group::count(group.current) - want.replicas; ++i) {
      stop(*group.current[static_cast<std::size_t>(i)]);
    }
  }

  std::int64_t room(const Want& want, const Group& group) const {
    const std::int64_t current = Group::count(group.current);
    const std::int64_t missing = want.replicas - current;
    if (group.old.empty() && (group.stopping == 0 || want.update == deploy::Update::Surge)) {
      return missing;
    }
    const std::int64_t running = current + Group::count(group.old);
    if (want.update == deploy::Update::Surge) {
      return std::min(missing, want.replicas + 1 - running);
    }
    return std::min(missing, want.replicas - running - group.stopping);
  }

  void start_missing(const Want& want, Group& group) {
    const std::int64_t count = room(want, group);
    if (count <= 0) return;
    const auto at = view_.past.find(want.deployment);
    if (at != view_.past.end() && at->second.form == want.form) {
      if (given_up(at->second)) return;
      if (const Moment allowed = next_start(at->second); allowed > view_.now) {
        return wake_at(allowed);
      }
    }
    std::int64_t ordinal = 1;
    for (std::int64_t i = 0; i < count; ++i) {
      while (group.ordinals.contains(ordinal)) ++ordinal;
      group.ordinals.insert(ordinal);
      decision_.start.push_back({want.deployment, ordinal});
    }
  }

  // As many of the old ones as can be spared.
  void stop_old(const Want& want, Group& group) {
    order_for_stopping(group.old);
    const std::int64_t ready = Group::ready(group.current) + Group::ready(group.old);
    std::int64_t spare = ready - want.replicas;
    if (want.update == deploy::Update::Replace) {
      // One after another, and only while the new ones do get ready.
      const bool full = Group::count(group.current) + Group::count(group.old) >= want.replicas;
      spare = full && group.starting() == 0 && group.stopping == 0 ? 1 : 0;
    }
    for (const Replica* each : group.old) {
      if (each->phase == Phase::Ready && spare-- <= 0) break;
      stop(*each);
    }
  }

  void stop(const Replica& replica) {
    const ReplicaId id = id_of(replica);
    if (std::find(decision_.stop.begin(), decision_.stop.end(), id) != decision_.stop.end()) return;
    decision_.stop.push_back(id);
  }

  void check_times(const Replica& replica) {
    if (replica.phase == Phase::Ready) return;
    const bool starting = replica.phase == Phase::Starting;
    const Moment due = replica.since + (starting ? replica.start_time_max : replica.stop_time_max);
    if (due > view_.now) return wake_at(due);
    (starting ? decision_.too_late : decision_.kill).push_back(id_of(replica));
  }

  void wake_at(Moment moment) {
    decision_.wake = decision_.wake ? std::min(*decision_.wake, moment) : moment;
  }

  const View& view_;
  Decision decision_;
};

}  // namespace

bool given_up(const Past& past) {
  return !past.was_ready && past.failures > 0 && (past.hopeless || past.failures >= kFailuresMax);
}

Moment next_start(const Past& past) {
  if (past.failures <= 1) return past.last_failure;
  Moment wait = kBackoffMin;
  for (int i = 2; i < past.failures && wait < kBackoffMax; ++i) wait *= 2;
  return past.last_failure + std::min(wait, kBackoffMax);
}

Past after_failure(Past past, const Replica& ended, bool hopeless, Moment now) {
  if (past.form != ended.form) past = Past{.form = ended.form};
  const bool was_stable = ended.phase == Phase::Ready && now - ended.since >= kStableAfter;
  past.failures = was_stable ? 1 : std::min(past.failures, 1'000) + 1;
  past.last_failure = now;
  past.was_ready = past.was_ready || ended.phase == Phase::Ready;
  past.hopeless = hopeless;
  return past;
}

Decision decide(const View& view) { return Decider(view).decide(); }

}  // namespace deploy_local
