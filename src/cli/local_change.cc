#include "cli/local_change.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <limits>
#include <thread>
#include <utility>

#include <fcntl.h>

#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"
#include "cli/local_environment.h"
#include "cli/pull.h"
#include "deploy_local/machine_notes.h"
#include "deploy_local/verdict.h"
#include "host/child.h"
#include "host/keeper_lock.h"
#include "host/listener.h"
#include "oci/reference.h"

namespace cli {
namespace {

using base::Code;
using base::Error;
using base::Result;
using nlohmann::ordered_json;

constexpr const char* kTarget = "local";
constexpr std::uint16_t kFirstPort = 8080;
constexpr int kPortsTried = 1000;
constexpr std::chrono::milliseconds kPeriod{50};
// What a keeper takes to read what is wanted, on a machine that is busy.
constexpr std::chrono::seconds kTakeUpMax{30};
// And to have again what ran a moment ago.
constexpr std::chrono::seconds kGoBackMax{60};

// What processes need of the environment besides what an endpoint file gives them.
constexpr const char* kProcessVariables[] = {"HOME",
                                             "PATH",
                                             "LANG",
                                             "LC_ALL",
                                             "TZ",
                                             "TMPDIR",
                                             "SSL_CERT_FILE",
                                             "SSL_CERT_DIR",
                                             "XDG_CACHE_HOME",
                                             "XDG_DATA_HOME",
                                             "SOOTH_RUNTIME_DIR"};

void wait_a_little() { std::this_thread::sleep_for(kPeriod); }

std::vector<std::string> versions_of(const deploy_local::Desired& desired) {
  std::vector<std::string> versions;
  for (const auto& each : desired.spec.deployments) versions.push_back(each.version);
  if (desired.previous) {
    for (const auto& each : desired.previous->deployments) versions.push_back(each.version);
  }
  return versions;
}

}  // namespace

std::vector<std::string> local_environment(const World& world) {
  std::vector<std::string> variables;
  if (!world.environment) return variables;
  for (const char* name : kProcessVariables) {
    if (const auto value = world.environment(name); !value.empty()) {
      variables.push_back(fmt::format("{}={}", name, value));
    }
  }
  return variables;
}

std::string url_of(std::uint16_t port) { return fmt::format("http://127.0.0.1:{}", port); }

Result<void> pull_versions(deploy::EndpointSpec& spec, const EndpointFlags& flags,
                           workspace::Workspace& workspace, World& world) {
  for (deploy::DeploymentSpec& each : spec.deployments) {
    if (!oci::names_a_registry(each.version)) continue;
    TRY_ASSIGN(const auto pulled,
               pull_reference(each.version, "", flags.registry, workspace, world));
    each.version = pulled.version.reference();
  }
  return {};
}

Result<void> remove_endpoint(const LocalPlace& place, const std::string& endpoint,
                             std::chrono::seconds time_max) {
  const host::StateFolder folder(place.root, endpoint);
  const auto deadline = place.world.now() + time_max;
  TRY_ASSIGN(bool lives, host::signal_holder(folder.lock_file(), SIGTERM));
  while (lives) {
    if (place.world.now() >= deadline) {
      return Error(Code::Deadline, fmt::format("endpoint {}: its copies are still finishing what "
                                               "they have",
                                               base::quote(endpoint)));
    }
    wait_a_little();
    TRY_ASSIGN(const auto holder, host::find_holder(folder.lock_file()));
    lives = holder.has_value();
  }
  TRY(folder.remove());
  return place.workspace.set_deployed({kTarget, endpoint, {}});
}

LocalChange::LocalChange(LocalPlace place, Wish wish, bool keeps_keys)
    : place_(std::move(place)),
      wish_(std::move(wish)),
      keeps_keys_(keeps_keys),
      folder_(place_.root, wish_.spec.name) {}

Result<void> LocalChange::read_before() {
  TRY_ASSIGN(before_, folder_.find_desired());
  TRY_ASSIGN(const auto standing, folder_.find_standing());
  settled_before_ = standing ? standing->settled : 0;
  return {};
}

bool LocalChange::was_ready() const { return before_ && before_->generation == settled_before_; }

void LocalChange::compare() {
  const bool keys = keeps_keys_ ? before_->keys : !wish_.keys.empty();
  ordered_json after = deploy::to_json(wish_.spec);
  after["keys"] = keys;
  std::optional<ordered_json> there;
  if (before_) {
    there = deploy::to_json(before_->spec);
    (*there)["keys"] = before_->keys;
  }
  changes_ = deploy::compare_fields("endpoint " + wish_.spec.name, there, after);
  advice_ = deploy_local::machine_notes(wish_.spec);
  if (!keys) {
    advice_.push_back(
        fmt::format("without keys everybody on this machine may ask it; sooth keys "
                    "create {} --client NAME makes them",
                    wish_.spec.name));
  }
}

Result<std::unique_ptr<PlannedChange>> LocalChange::plan_deploy(LocalPlace place, Wish wish) {
  std::unique_ptr<LocalChange> change(new LocalChange(std::move(place), std::move(wish), false));
  TRY(change->read_before());
  change->compare();
  return change;
}

Result<std::unique_ptr<PlannedChange>> LocalChange::plan_rollback(LocalPlace place,
                                                                  const std::string& endpoint) {
  Wish wish;
  wish.spec.name = endpoint;
  std::unique_ptr<LocalChange> change(new LocalChange(std::move(place), std::move(wish), true));
  TRY(change->read_before());
  if (!change->before_ || !change->before_->previous) {
    return Error(Code::NotFound,
                 fmt::format("endpoint {}: {}", base::quote(endpoint),
                             change->before_ ? "nothing that was ready before is known"
                                             : "there is none on this machine in this workspace"));
  }
  change->wish_.spec = *change->before_->previous;
  change->compare();
  return change;
}

Result<void> LocalChange::check(const Conduct&) { return check_port(); }

Result<void> LocalChange::check_port() const {
  if (wish_.port == 0) return {};
  if (before_ && before_->port != wish_.port) {
    return Error(Code::Conflict,
                 fmt::format("endpoint {}: expected its port {}, got {}; undeploy "
                             "it first to move it",
                             base::quote(wish_.spec.name), before_->port, wish_.port));
  }
  if (before_ || host::is_free(wish_.port)) return {};
  return Error(Code::Conflict, fmt::format("port {} of 127.0.0.1: somebody listens there; give "
                                           "another with --port",
                                           wish_.port));
}

// One that is free now, and that no other endpoint comes back to.
Result<std::uint16_t> LocalChange::choose_port() const {
  if (before_) return before_->port;
  if (wish_.port != 0) return wish_.port;
  std::vector<std::uint16_t> taken;
  TRY_ASSIGN(const auto endpoints, host::list_endpoints(place_.root));
  for (const std::string& each : endpoints) {
    const auto desired = host::StateFolder(place_.root, each).find_desired();
    if (desired.ok() && *desired) taken.push_back((*desired)->port);
  }
  for (int i = 0; i < kPortsTried; ++i) {
    const auto port = static_cast<std::uint16_t>(kFirstPort + i);
    const bool theirs = std::find(taken.begin(), taken.end(), port) != taken.end();
    if (!theirs && host::is_free(port)) return port;
  }
  return Error(Code::Exhausted,
               fmt::format("ports {} to {} of 127.0.0.1: expected a free one; give "
                           "one with --port",
                           kFirstPort, kFirstPort + kPortsTried - 1));
}

// Versions that run or may be gone back to are left alone by `models remove` and `gc`.
Result<void> LocalChange::note_versions(const deploy_local::Desired& desired) {
  return place_.workspace.set_deployed(
      {kTarget, wish_.spec.name, digests_of(versions_of(desired), place_.workspace)});
}

Error LocalChange::superseded() {
  superseded_ = true;
  return {Code::Conflict, "somebody else has deployed it meanwhile"};
}

Result<void> LocalChange::apply() {
  const std::int64_t seen = before_ ? before_->generation : 0;
  TRY(read_before());
  if ((before_ ? before_->generation : 0) != seen) {
    return superseded();
  }
  TRY(check_port());
  desired_ = before_ ? deploy_local::next_desired(*before_, was_ready(), wish_.spec)
                     : deploy_local::Desired{.generation = 1, .spec = wish_.spec, .previous = {}};
  TRY_ASSIGN(desired_.port, choose_port());
  begun_ = true;
  TRY(folder_.create());
  if (!keeps_keys_) {
    desired_.keys = !wish_.keys.empty();
    // Where there are none any more the file stays: copies that still run are asked for keys.
    if (desired_.keys) TRY(folder_.write_keys(wish_.keys));
  }
  TRY(note_versions(desired_));
  TRY(folder_.write_desired(desired_));
  return wake();
}

Result<void> LocalChange::wake() {
  TRY_ASSIGN(const bool lives, host::signal_holder(folder_.lock_file(), SIGHUP));
  return lives ? wait_until_taken_up(std::nullopt) : start_keeper();
}

Result<void> LocalChange::start_keeper() {
  const std::string log = folder_.keeper_log();
  const host::Descriptor output(
      ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600));
  if (!output) return base::system_error(log, errno);
  TRY_ASSIGN(const auto keeper,
             host::start_child({.program = place_.world.program,
                                .arguments = {"keep", wish_.spec.name, "--workspace", place_.root},
                                .environment = local_environment(place_.world),
                                .listeners = {},
                                .output = output.get(),
                                .outlives = true}));
  return wait_until_taken_up(keeper);
}

// Until the keeper has said something of this generation, or has ended.
Result<void> LocalChange::wait_until_taken_up(std::optional<int> keeper) {
  const auto deadline = place_.world.now() + kTakeUpMax;
  for (;;) {
    const auto end = keeper ? host::find_end(*keeper) : std::nullopt;
    TRY_ASSIGN(const auto standing, folder_.find_standing());
    TRY_ASSIGN(const auto holder, host::find_holder(folder_.lock_file()));
    if (!end && holder && standing && standing->generation >= desired_.generation) return {};
    if (end || (!keeper && !holder)) {
      const std::string said = deploy_local::last_said(folder_.keeper_words());
      return Error(end ? deploy_local::code_of_exit(end->status) : Code::Unavailable,
                   said.empty() ? "its keeper ended and said nothing" : said);
    }
    if (place_.world.now() >= deadline) {
      return Error(Code::Deadline, fmt::format("its keeper did not answer within {} s; see {}",
                                               kTakeUpMax.count(), folder_.keeper_log()));
    }
    wait_a_little();
  }
}

// Until every copy is ready, or it is known that they will not be.
Result<void> LocalChange::follow(const Conduct& conduct) {
  const auto deadline = place_.world.now() + std::chrono::seconds(conduct.time_max_s);
  std::string said;
  for (;;) {
    TRY_ASSIGN(const auto holder, host::find_holder(folder_.lock_file()));
    TRY_ASSIGN(const auto standing, folder_.find_standing());
    if (!holder || !standing) {
      return Error(Code::Unavailable,
                   fmt::format("its keeper has ended; see {}", folder_.keeper_log()));
    }
    if (standing->generation > desired_.generation) {
      return superseded();
    }
    if (standing->settled >= desired_.generation) return {};
    std::string sentence;
    for (const auto& each : standing->deployments) {
      if (each.given_up) return Error(each.code, each.because);
      if (!sentence.empty() || each.ready >= each.wanted) continue;
      sentence = each.text(wish_.spec.name) + (each.because.empty() ? "" : ": " + each.because);
    }
    if (place_.world.now() >= deadline) {
      return Error(Code::Deadline,
                   fmt::format("not ready after {} s: {}", conduct.time_max_s, sentence));
    }
    if (!sentence.empty() && sentence != said) say_progress(place_.world, sentence);
    if (!sentence.empty()) said = sentence;
    wait_a_little();
  }
}

// Back to what was good when the attempt began; says where that leads.
Result<std::string> LocalChange::go_back() {
  TRY_ASSIGN(const auto lock,
             base::FileLock::take(host::change_lock(place_.root), base::FileLock::Kind::Exclusive));
  if (!before_) {
    TRY(remove_endpoint(place_, wish_.spec.name, kGoBackMax));
    return std::string("removed again, since nothing was there before");
  }
  if (!was_ready() && !before_->previous) {
    return std::string("left as it is, since nothing before it had been ready");
  }
  deploy_local::Desired back = *before_;
  if (!was_ready()) {
    back.spec = *before_->previous;
    back.previous.reset();
  }
  back.generation = desired_.generation + 1;
  desired_ = back;
  TRY(folder_.write_desired(desired_));
  TRY(wake());
  TRY(note_versions(desired_));
  // Whoever deploys next has to find it as good as it was.
  return follow({.time_max_s = kGoBackMax.count()}).ok()
             ? std::string("rolled back to what was there before")
             : std::string("rolled back to what was there before, which is not ready yet");
}

Result<std::string> LocalChange::carry_out(const Conduct& conduct) {
  Result<void> done;
  {
    TRY_ASSIGN(const auto lock, base::FileLock::take(host::change_lock(place_.root),
                                                     base::FileLock::Kind::Exclusive));
    done = apply();
  }
  if (done.ok() && conduct.wait) done = follow(conduct);
  if (done.ok()) return url_of(desired_.port) + "/score";
  const Error why = std::move(done).error();
  const std::string endpoint = fmt::format("endpoint {}", base::quote(wish_.spec.name));
  // Somebody else deploys: going back would undo what they did.
  if (!begun_ || conduct.keep || superseded_ || (!conduct.wait && before_)) {
    return Error(why).within(endpoint);
  }
  const auto ended = go_back();
  return Error(
      why.code(),
      fmt::format("{}: {}; {}", endpoint, why.message(),
                  ended.ok() ? *ended : "going back failed as well: " + ended.error().message()));
}

}  // namespace cli
