#include "rollout/rollout.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace rollout {
namespace {

using base::Code;
using base::Error;
using base::Result;
using deploy_kubernetes::Object;
using nlohmann::json;

constexpr std::chrono::milliseconds kPeriod{1'000};
// How long going back is tried anew while the API server is away.
constexpr std::chrono::seconds kPatience{60};
// Holds the number of copies for the moment in which it passes from us to an autoscaler.
constexpr const char* kScaleOwner = "sooth-scale";

kube::ApplyOptions apply_options(const Conduct& conduct, bool dry_run) {
  return {.field_manager = std::string(deploy_kubernetes::kFieldOwner),
          .force = conduct.force,
          .dry_run = dry_run};
}

bool contains(const std::vector<Object>& objects, const json& live) {
  return std::any_of(objects.begin(), objects.end(), [&](const Object& each) {
    return each.kind == text_at(live, {"kind"}) &&
           each.name == text_at(live, {"metadata", "name"}) &&
           each.api_version == text_at(live, {"apiVersion"});
  });
}

bool is_ready(const std::vector<json>& members) {
  return std::all_of(members.begin(), members.end(), [](const json& each) {
    return text_at(each, {"kind"}) != "Deployment" || judge(each).ready;
  });
}

// What is there: the owner, our objects, and others that have the name of one of ours.
Result<void> read_live(const Cluster& cluster, Plan& plan) {
  TRY_ASSIGN(plan.owner, cluster.find_owner(plan.endpoint));
  TRY_ASSIGN(plan.members, cluster.list_members(plan.endpoint));
  if (!plan.owner) return {};
  TRY_ASSIGN(plan.record, read_record(*plan.owner));
  plan.record.ready = plan.record.ready || is_ready(plan.members);
  return {};
}

Result<void> compare(const Cluster& cluster, Plan& plan) {
  std::vector<json> live;
  if (plan.owner) live.push_back(without_record(*plan.owner));
  live.insert(live.end(), plan.members.begin(), plan.members.end());
  for (std::size_t i = 1; i < plan.desired.size(); ++i) {
    const Object& each = plan.desired[i];
    const bool known = std::any_of(live.begin(), live.end(), [&](const json& there) {
      return text_at(there, {"kind"}) == each.kind &&
             text_at(there, {"metadata", "name"}) == each.name;
    });
    if (known) continue;
    TRY_ASSIGN(auto there, cluster.find(each));
    if (there) live.push_back(*std::move(there));
  }
  TRY_ASSIGN(plan.changes, deploy_kubernetes::plan_change(plan.desired, live));
  return {};
}

// An autoscaler is to own the number of copies from now on. A field that nobody holds any more
// goes back to its default, so somebody has to hold it until the autoscaler does.
Result<void> hand_over_replicas(const Cluster& cluster, const Plan& plan) {
  for (const Object& each : plan.desired) {
    if (each.kind != "Deployment" || each.json["spec"].contains("replicas")) continue;
    for (const json& there : plan.members) {
      if (text_at(there, {"kind"}) != each.kind ||
          text_at(there, {"metadata", "name"}) != each.name) {
        continue;
      }
      const Object scale{each.api_version,
                         each.kind,
                         each.name,
                         {{"apiVersion", each.api_version},
                          {"kind", each.kind},
                          {"metadata", {{"name", each.name}}},
                          {"spec", {{"replicas", number_at(there, {"spec", "replicas"}, 1)}}}}};
      TRY_ASSIGN(const json applied,
                 cluster.apply(scale, {.field_manager = kScaleOwner, .force = true}));
      static_cast<void>(applied);
    }
  }
  return {};
}

void set_owner(Object& object, const Plan& plan, const std::string& uid) {
  object.json["metadata"]["ownerReferences"] =
      nlohmann::ordered_json::array({{{"apiVersion", "v1"},
                                      {"kind", "ConfigMap"},
                                      {"name", deploy_kubernetes::owner_name(plan.endpoint)},
                                      {"uid", uid}}});
}

// The owner with the record of this attempt; gives it as it is there then. `version` is the one
// that was seen: whoever came in between is not overwritten.
Result<json> apply_owner(const Cluster& cluster, const Plan& plan, const Record& record,
                         const std::string& version, const Conduct& conduct) {
  Object owner = plan.desired.front();
  TRY(write_record(owner, record));
  if (!version.empty()) owner.json["metadata"]["resourceVersion"] = version;
  return cluster.apply(owner, apply_options(conduct, false));
}

Result<void> prune(const Cluster& cluster, const Plan& plan, bool keep_secrets) {
  for (const json& each : plan.members) {
    if (contains(plan.desired, each)) continue;
    if (keep_secrets && text_at(each, {"kind"}) == "Secret") continue;
    TRY(cluster.remove(each));
  }
  return {};
}

// All but the owner; each gets it as its owner, which it may not have known when it was planned.
Result<void> apply_members(const Cluster& cluster, Plan& plan, const json& owner,
                           const Conduct& conduct) {
  const std::string uid = text_at(owner, {"metadata", "uid"});
  if (uid.empty()) {
    return Error(Code::Corrupt, "the endpoint's ConfigMap: expected a uid from the API server");
  }
  TRY(hand_over_replicas(cluster, plan));
  for (std::size_t i = 1; i < plan.desired.size(); ++i) {
    set_owner(plan.desired[i], plan, uid);
    TRY_ASSIGN(const json applied, cluster.apply(plan.desired[i], apply_options(conduct, false)));
    static_cast<void>(applied);
  }
  return {};
}

// An API server that is restarted, busy or out of reach for a moment says nothing of the endpoint.
bool may_pass(const Error& error) {
  return error.code() == Code::Unavailable || error.code() == Code::Exhausted ||
         error.code() == Code::Deadline;
}

// One look at all Deployments: nothing when all are ready.
struct Look {
  bool ready = true;
  std::string sentence;  // How far it is, or why it does not go on.
  bool final = false;
};

Result<Look> look(const Cluster& cluster, const Plan& plan) {
  Look seen;
  for (const Object& each : plan.desired) {
    if (each.kind != "Deployment") continue;
    TRY_ASSIGN(const auto there, cluster.find(each));
    if (!there) {
      return Error(Code::Conflict,
                   fmt::format("Deployment {}: somebody has removed it", each.name));
    }
    const Standing standing = judge(*there);
    if (standing.ready) continue;
    seen.ready = false;
    TRY_ASSIGN(const auto why, cluster.explain(*there));
    if (why && (why->final || standing.given_up)) return Look{false, why->sentence, true};
    if (standing.given_up) {
      return Look{false,
                  fmt::format("{} within the time that its startup probe allows; see sooth logs {}",
                              standing.text(), plan.endpoint),
                  true};
    }
    if (seen.sentence.empty()) {
      seen.sentence = standing.text() + (why ? ": " + why->sentence : "");
    }
  }
  return seen;
}

Result<void> wait_until_ready(const Cluster& cluster, const Plan& plan, const Conduct& conduct,
                              const Time& time) {
  const auto deadline = time.now() + conduct.time_max;
  std::string said;
  for (;;) {
    auto looked = look(cluster, plan);
    if (!looked.ok() && !may_pass(looked.error())) return std::move(looked).error();
    const Look seen = looked.ok() ? *std::move(looked)
                                  : Look{.ready = false, .sentence = looked.error().message()};
    if (seen.ready) return {};
    if (seen.final) return Error(Code::Unavailable, seen.sentence);
    if (time.now() >= deadline) {
      return Error(Code::Deadline, fmt::format("not ready after {} s: {}", conduct.time_max.count(),
                                               seen.sentence));
    }
    if (seen.sentence != said && conduct.on_progress) conduct.on_progress(seen.sentence);
    said = seen.sentence;
    time.sleep(kPeriod);
  }
}

Result<void> attempt(const Cluster& cluster, Plan& plan, const Record& record,
                     const Conduct& conduct, const Time& time) {
  const std::string version =
      plan.owner ? text_at(*plan.owner, {"metadata", "resourceVersion"}) : "";
  TRY_ASSIGN(const json owner, apply_owner(cluster, plan, record, version, conduct));
  TRY(apply_members(cluster, plan, owner, conduct));
  if (!conduct.wait) return prune(cluster, plan, false);
  TRY(wait_until_ready(cluster, plan, conduct, time));
  TRY(prune(cluster, plan, false));
  Record done = record;
  done.ready = true;
  TRY_ASSIGN(const json marked, apply_owner(cluster, plan, done, "", conduct));
  static_cast<void>(marked);
  return {};
}

// The record that says what will be there, and what was good before.
Record record_of(const Plan& plan) {
  Record record;
  record.current = without_secrets(plan.desired);
  const bool same = record.current == plan.record.current;
  record.previous = !same && plan.record.ready ? plan.record.current : plan.record.previous;
  record.ready = same && plan.record.ready;
  return record;
}

// Back to what was good when the attempt began; says where that leads. May be done again.
Result<std::string> go_back(const Cluster& cluster, const Plan& failed, const Time& time) {
  if (!failed.owner) {
    const auto gone = undeploy(cluster, failed.endpoint, kPatience, time);
    if (!gone.ok() && gone.error().code() != Code::NotFound) return gone.error();
    return std::string("removed again, since nothing was there before");
  }
  const auto& good = failed.record.ready ? failed.record.current : failed.record.previous;
  if (good.empty()) {
    return std::string("left as it is, since nothing before it had been ready");
  }
  Plan back{.endpoint = failed.endpoint,
            .desired = good,
            .changes = {},
            .owner = {},
            .members = {},
            .record = {}};
  TRY_ASSIGN(back.members, cluster.list_members(back.endpoint));
  const Record record{
      .current = good,
      .previous = failed.record.ready ? failed.record.previous : std::vector<Object>(),
      .ready = true};
  const Conduct conduct{.wait = false, .roll_back = false, .force = true};
  TRY_ASSIGN(const json owner, apply_owner(cluster, back, record, "", conduct));
  TRY(apply_members(cluster, back, owner, conduct));
  TRY(prune(cluster, back, true));
  return std::string("rolled back to what was there before");
}

// What undeploying has not removed yet.
struct Left {
  std::size_t objects = 0;
  std::size_t pods = 0;
  bool nothing() const { return objects == 0 && pods == 0; }
};

Result<Left> count_left(const Cluster& cluster, const std::string& endpoint) {
  TRY_ASSIGN(const auto members, cluster.list_members(endpoint));
  TRY_ASSIGN(const auto pods, cluster.pods(endpoint));
  TRY_ASSIGN(const auto owner, cluster.find_owner(endpoint));
  return Left{.objects = members.size() + (owner ? 1U : 0U), .pods = pods.size()};
}

Result<std::string> go_back_at_last(const Cluster& cluster, const Plan& failed, const Time& time) {
  const auto deadline = time.now() + kPatience;
  for (;;) {
    auto ended = go_back(cluster, failed, time);
    if (ended.ok() || !may_pass(ended.error()) || time.now() >= deadline) return ended;
    time.sleep(kPeriod);
  }
}

}  // namespace

Result<Plan> plan_deploy(const Cluster& cluster, const deploy::EndpointSpec& spec,
                         deploy_kubernetes::RenderContext context) {
  Plan plan{.endpoint = spec.name,
            .desired = {},
            .changes = {},
            .owner = {},
            .members = {},
            .record = {}};
  TRY(read_live(cluster, plan));
  context.apis = cluster.apis();
  context.in_namespace = cluster.in_namespace();
  context.owner_uid = plan.owner ? text_at(*plan.owner, {"metadata", "uid"}) : "";
  TRY_ASSIGN(plan.desired, deploy_kubernetes::render(spec, context));
  TRY(compare(cluster, plan));
  return plan;
}

Result<Plan> plan_rollback(const Cluster& cluster, const std::string& endpoint) {
  Plan plan{
      .endpoint = endpoint, .desired = {}, .changes = {}, .owner = {}, .members = {}, .record = {}};
  TRY(read_live(cluster, plan));
  if (!plan.owner || plan.record.previous.empty()) {
    return Error(Code::NotFound, fmt::format("endpoint {}: {}", base::quote(endpoint),
                                             plan.owner ? "nothing that was ready before is known"
                                                        : "there is none in this namespace"));
  }
  plan.desired = plan.record.previous;
  // Keys are not a version's: they stay as they are.
  std::erase_if(plan.members, [](const json& each) { return text_at(each, {"kind"}) == "Secret"; });
  TRY(compare(cluster, plan));
  return plan;
}

Result<void> check(const Cluster& cluster, const Plan& plan, const Conduct& conduct) {
  for (const Object& each : plan.desired) {
    TRY_ASSIGN(const json applied, cluster.apply(each, apply_options(conduct, true)));
    static_cast<void>(applied);
  }
  return {};
}

Result<void> carry_out(const Cluster& cluster, Plan plan, const Conduct& conduct,
                       const Time& time) {
  auto done = attempt(cluster, plan, record_of(plan), conduct, time);
  if (done.ok()) return {};
  const Error why = std::move(done).error();
  const bool conflict_first = why.code() == Code::Conflict && plan.owner;
  // Somebody else deploys, or owns what we set: going back would overwrite them.
  if (!conduct.roll_back || conflict_first) {
    return Error(why).within(fmt::format("endpoint {}", base::quote(plan.endpoint)));
  }
  const auto ended = go_back_at_last(cluster, plan, time);
  return Error(
      why.code(),
      fmt::format("endpoint {}: {}; {}", base::quote(plan.endpoint), why.message(),
                  ended.ok() ? *ended : "going back failed as well: " + ended.error().message()));
}

Result<void> undeploy(const Cluster& cluster, const std::string& endpoint,
                      std::chrono::seconds time_max, const Time& time) {
  const auto deadline = time.now() + time_max;
  TRY_ASSIGN(const auto owner, cluster.find_owner(endpoint));
  TRY_ASSIGN(const auto members, cluster.list_members(endpoint));
  if (!owner && members.empty()) {
    return Error(Code::NotFound, fmt::format("endpoint {}: there is none in namespace {}",
                                             base::quote(endpoint), cluster.in_namespace()));
  }
  // By name first, so that nothing stays where no garbage collector runs; the owner last, so that
  // what is interrupted can be found again.
  for (const json& each : members) TRY(cluster.remove(each));
  if (owner) TRY(cluster.remove(*owner));
  for (;;) {
    const auto left = count_left(cluster, endpoint);
    if (!left.ok() && !may_pass(left.error())) return left.error();
    if (left.ok() && left->nothing()) return {};
    if (time.now() >= deadline) {
      const std::string what = left.ok()
                                   ? fmt::format("{} objects and {} pods are still going away",
                                                 left->objects, left->pods)
                                   : left.error().message();
      return Error(Code::Deadline, fmt::format("endpoint {}: {}", base::quote(endpoint), what));
    }
    time.sleep(kPeriod);
  }
}

}  // namespace rollout
