#include "host/keeper.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include <poll.h>

#include <fmt/format.h>

#include "base/text.h"
#include "deploy_local/traffic.h"
#include "host/child.h"

namespace host {
namespace {

using base::Code;
using base::Error;
using base::Result;
using deploy_local::Moment;
using deploy_local::Phase;
using deploy_local::ReplicaId;

// So that a time that is far away does not overflow, and a notice that was lost costs little.
constexpr Moment kWaitMax{60'000};

std::string_view phase_name(Phase phase) {
  switch (phase) {
    case Phase::Starting: return "starting";
    case Phase::Ready: return "ready";
    case Phase::Stopping: return "stopping";
  }
  return "";
}

std::string name_of(const ReplicaId& id) { return fmt::format("{}-{}", id.deployment, id.ordinal); }

}  // namespace

Keeper::Keeper(Options options, KeeperLock lock, Signals signals, telemetry::Log& log)
    : options_(std::move(options)),
      lock_(std::move(lock)),
      signals_(std::move(signals)),
      log_(log) {}

// What is left dies with this process in any case; here it has ended when the object is gone.
Keeper::~Keeper() {
  for (const Running& each : running_) ::kill(each.pid, SIGKILL);
}

Result<std::unique_ptr<Keeper>> Keeper::open(Options options, Signals signals,
                                             telemetry::Log& log) {
  TRY_ASSIGN(auto lock, KeeperLock::take(options.folder.lock_file()));
  if (!lock) {
    return Error(Code::Conflict, fmt::format("{}: expected no keeper, got one that lives",
                                             base::quote(options.folder.path())));
  }
  std::unique_ptr<Keeper> keeper(
      new Keeper(std::move(options), *std::move(lock), std::move(signals), log));
  TRY(keeper->read_first());
  return keeper;
}

Result<void> Keeper::read_first() {
  TRY_ASSIGN(auto desired, options_.folder.find_desired());
  if (!desired) {
    return Error(Code::NotFound, fmt::format("{}: expected what is wanted, got nothing",
                                             base::quote(options_.folder.path())));
  }
  const auto before = options_.folder.find_standing();
  if (before.ok() && *before) settled_ = (*before)->settled;
  TRY_ASSIGN(notices_, Notices::open());
  TRY_ASSIGN(port_, SharedPort::open(desired->port));
  take_up(*std::move(desired));
  return {};
}

void Keeper::take_up(deploy_local::Desired desired) {
  desired_ = std::move(desired);
  forms_.clear();
  for (const deploy::DeploymentSpec& each : desired_.spec.deployments) {
    forms_.emplace(each.name, deploy_local::form_of(desired_, each, options_.place));
    // Somebody wants it anew: what was given up is tried again.
    const auto past = past_.find(each.name);
    if (past != past_.end() && deploy_local::given_up(past->second)) past_.erase(past);
  }
  log_.info("wanted", {{"generation", desired_.generation},
                       {"deployments", desired_.spec.deployments.size()}});
}

void Keeper::read_again() {
  auto desired = options_.folder.find_desired();
  if (!desired.ok() || !*desired) {
    return log_.error("what is wanted stays as it was",
                      {{"because", desired.ok() ? "it is gone" : desired.error().message()}});
  }
  if ((*desired)->generation > desired_.generation) take_up(**std::move(desired));
}

Moment Keeper::now() const {
  return std::chrono::duration_cast<Moment>(options_.now().time_since_epoch());
}

deploy_local::View Keeper::view() const {
  deploy_local::View view{
      .wanted = {}, .replicas = {}, .past = past_, .ending = ending_, .now = now()};
  for (const deploy::DeploymentSpec& each : desired_.spec.deployments) {
    view.wanted.push_back({each.name, forms_.at(each.name).text(), each.replicas, each.update});
  }
  for (const Running& each : running_) view.replicas.push_back(each.replica);
  return view;
}

Result<void> Keeper::run() {
  for (;;) {
    const deploy_local::Decision decision = deploy_local::decide(view());
    act(decision);
    if (decision.settled && settled_ != desired_.generation) {
      settled_ = desired_.generation;
      log_.info("all is ready", {{"generation", settled_}});
    }
    share();
    release_sockets();
    publish();
    if (ending_ && running_.empty()) return {};
    wait(decision.wake);
    hear_notices();
    hear_signals();
    for (Running& each : running_) each.log.drain();
  }
}

void Keeper::act(const deploy_local::Decision& decision) {
  for (const ReplicaId& each : decision.too_late) kill(each, true);
  for (const ReplicaId& each : decision.kill) kill(each, false);
  for (const ReplicaId& each : decision.stop) stop(each);
  for (const ReplicaId& each : decision.start) start(each);
}

Keeper::Running* Keeper::find(const ReplicaId& id) {
  const auto at = std::find_if(running_.begin(), running_.end(), [&](const Running& each) {
    return each.replica.deployment == id.deployment && each.replica.ordinal == id.ordinal;
  });
  return at == running_.end() ? nullptr : &*at;
}

Result<Keeper::Running> Keeper::start_process(const ReplicaId& id,
                                              const deploy_local::ReplicaForm& form) {
  TRY_ASSIGN(auto listeners, port_->sockets_of(id.deployment));
  TRY_ASSIGN(auto log, ReplicaLog::open(fmt::format("{}/{}", options_.folder.logs(), name_of(id))));
  ChildRequest request{.program = options_.program,
                       .arguments = form.arguments,
                       .environment = options_.environment,
                       .listeners = std::move(listeners),
                       .output = log.output()};
  // The last of two of one name counts for most programs: what the endpoint file says.
  for (const std::string& each : form.environment) {
    const std::string name = each.substr(0, each.find('=') + 1);
    std::erase_if(request.environment, [&](const auto& old) { return old.starts_with(name); });
    request.environment.push_back(each);
  }
  request.environment.push_back("NOTIFY_SOCKET=" + notices_->name());
  TRY_ASSIGN(const pid_t pid, start_child(request));
  log.started();
  return Running{.replica = {.deployment = id.deployment,
                             .ordinal = id.ordinal,
                             .form = form.text(),
                             .phase = Phase::Starting,
                             .since = now(),
                             .start_time_max = form.start_time_max,
                             .stop_time_max = form.stop_time_max},
                 .pid = pid,
                 .log = std::move(log)};
}

void Keeper::start(const ReplicaId& id) {
  const deploy_local::ReplicaForm& form = forms_.at(id.deployment);
  auto started = start_process(id, form);
  if (started.ok()) {
    log_.info("started", {{"replica", name_of(id)}, {"pid", started->pid}});
    return running_.push_back(*std::move(started));
  }
  const deploy_local::Replica none{
      .deployment = id.deployment, .ordinal = id.ordinal, .form = form.text(), .since = now()};
  note_failure(none, {started.error().message(), started.error().code(), false});
}

void Keeper::enter(deploy_local::Replica& replica, Phase phase) {
  replica.phase = phase;
  replica.since = now();
  log_.info(phase_name(phase), {{"replica", replica.name()}});
}

void Keeper::stop(const ReplicaId& id) {
  Running* const running = find(id);
  if (running == nullptr) return;
  enter(running->replica, Phase::Stopping);
  ::kill(running->pid, SIGTERM);
}

void Keeper::kill(const ReplicaId& id, bool late) {
  Running* const running = find(id);
  if (running == nullptr) return;
  running->killed_late = late;
  // Not again at once, should it take the kernel a moment.
  running->replica.since = now();
  ::kill(running->pid, SIGKILL);
}

void Keeper::wait(std::optional<Moment> until) {
  std::vector<pollfd> waited = {{signals_.handle(), POLLIN, 0}, {notices_->handle(), POLLIN, 0}};
  for (const Running& each : running_) waited.push_back({each.log.handle(), POLLIN, 0});
  const Moment time =
      until ? std::clamp(*until - now() + Moment(1), Moment(0), kWaitMax) : kWaitMax;
  // What interrupts it is looked at like what it waits for.
  static_cast<void>(::poll(waited.data(), waited.size(), static_cast<int>(time.count())));
}

void Keeper::hear_signals() {
  bool children = false;
  while (const auto signal = signals_.next()) {
    if (*signal == SIGCHLD) {
      children = true;
    } else if (*signal == SIGHUP) {
      read_again();
    } else {
      log_.info("ends", {{"signal", *signal}});
      ending_ = true;
    }
  }
  if (children) reap();
}

void Keeper::hear_notices() {
  while (const auto notice = notices_->next()) {
    const auto at = std::find_if(running_.begin(), running_.end(),
                                 [&](const Running& each) { return each.pid == notice->pid; });
    if (at == running_.end() || at->replica.phase == Phase::Stopping) continue;
    // One that somebody else has told to stop is replaced like one that we have.
    if (notice->stopping) {
      enter(at->replica, Phase::Stopping);
    } else if (notice->ready && at->replica.phase == Phase::Starting) {
      enter(at->replica, Phase::Ready);
    }
  }
}

void Keeper::reap() {
  for (std::size_t i = running_.size(); i-- > 0;) {
    const auto end = find_end(running_[i].pid);
    if (!end) continue;
    Running ended = std::move(running_[i]);
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
    note_end(ended, end->status, end->signal);
  }
}

void Keeper::note_end(Running& running, int status, int signal) {
  running.log.drain();
  const deploy_local::Replica& replica = running.replica;
  log_.info("ended", {{"replica", replica.name()}, {"status", status}, {"signal", signal}});
  if (replica.phase == Phase::Stopping) return;
  const deploy_local::End end{.status = status,
                              .signal = signal,
                              .too_late = running.killed_late,
                              .was_ready = replica.phase == Phase::Ready,
                              .last_words = running.log.last_words()};
  const deploy::DeploymentSpec* spec = desired_.spec.find_deployment(replica.deployment);
  // One that is on its way out anyway is missed by nobody.
  if (spec != nullptr) note_failure(replica, deploy_local::judge(*spec, end));
}

void Keeper::note_failure(const deploy_local::Replica& replica,
                          const deploy_local::Verdict& verdict) {
  log_.warn("failed", {{"replica", replica.name()}, {"because", verdict.sentence}});
  ++restarts_[replica.deployment];
  const auto form = forms_.find(replica.deployment);
  if (form == forms_.end() || form->second.text() != replica.form) return;
  deploy_local::Past& past = past_[replica.deployment];
  past = deploy_local::after_failure(past, replica, verdict.hopeless, now());
  verdicts_[replica.deployment] = verdict;
}

void Keeper::share() {
  std::vector<deploy_local::Replica> replicas;
  for (const Running& each : running_) replicas.push_back(each.replica);
  auto shares = deploy_local::share_traffic(desired_.spec.traffic, replicas);
  if (shares == shares_) return;
  if (auto shared = port_->share(shares); !shared.ok()) {
    log_.error("connections are not shared as wanted", {{"because", shared.error().message()}});
  }
  shares_ = std::move(shares);
}

void Keeper::release_sockets() {
  for (const std::string& each : port_->deployments()) {
    const bool runs = std::any_of(running_.begin(), running_.end(), [&](const Running& running) {
      return running.replica.deployment == each;
    });
    if (runs || desired_.spec.find_deployment(each) != nullptr) continue;
    port_->release(each);
    past_.erase(each);
    verdicts_.erase(each);
    restarts_.erase(each);
  }
}

deploy_local::DeploymentStanding Keeper::standing_of(
    const deploy::DeploymentSpec& deployment) const {
  deploy_local::DeploymentStanding standing;
  standing.name = deployment.name;
  standing.version = deployment.version;
  standing.wanted = deployment.replicas;
  standing.port = port_->own_port(deployment.name);
  const std::string form = forms_.at(deployment.name).text();
  for (const Running& each : running_) {
    if (each.replica.deployment != deployment.name || each.replica.phase != Phase::Ready) continue;
    ++(each.replica.form == form ? standing.ready : standing.old);
  }
  if (const auto at = restarts_.find(deployment.name); at != restarts_.end()) {
    standing.restarts = at->second;
  }
  if (const auto at = shares_.find(deployment.name); at != shares_.end()) {
    standing.percent = at->second;
  }
  const auto past = past_.find(deployment.name);
  if (past == past_.end() || past->second.form != form || standing.ready >= standing.wanted) {
    return standing;
  }
  standing.given_up = deploy_local::given_up(past->second);
  if (const auto at = verdicts_.find(deployment.name); at != verdicts_.end()) {
    standing.because = at->second.sentence;
    standing.code = at->second.code;
  }
  return standing;
}

deploy_local::Standing Keeper::standing() const {
  deploy_local::Standing standing{
      .generation = desired_.generation, .settled = settled_, .deployments = {}, .replicas = {}};
  for (const deploy::DeploymentSpec& each : desired_.spec.deployments) {
    standing.deployments.push_back(standing_of(each));
  }
  for (const Running& each : running_) {
    standing.replicas.push_back(
        {each.replica.name(), each.pid, std::string(phase_name(each.replica.phase))});
  }
  return standing;
}

void Keeper::publish() {
  const auto now = standing();
  std::string text = deploy_local::to_text(now);
  if (text == published_) return;
  if (auto written = options_.folder.write_standing(now); !written.ok()) {
    return log_.error("standing is not written", {{"because", written.error().message()}});
  }
  published_ = std::move(text);
}

}  // namespace host
