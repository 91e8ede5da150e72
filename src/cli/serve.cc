#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "batching/sharing_loader.h"
#include "cli/commands.h"
#include "cli/first_start.h"
#include "cli/serve_options.h"
#include "cli/serve_signals.h"
#include "front/access.h"
#include "front/server_metrics.h"
#include "host/service_manager.h"
#include "serve/work_queue.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "threads/cpus.h"

namespace cli {
namespace {

using base::Result;

// SIGINT and SIGTERM, waited for instead of handled: blocked here, and in every thread that is
// started after this.
class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }
  int wait() const {
    int signal = 0;
    sigwait(&set_, &signal);
    return signal;
  }

 private:
  sigset_t set_{};
};

std::string url_of(const net::Server& server, bool tls) {
  const std::string address = server.address();
  const bool v6 = address.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", tls ? "https" : "http", v6 ? "[" : "", address,
                     v6 ? "]" : "", server.port());
}

// Sockets that a service manager holds for this server, and where to tell it how it goes.
Result<host::ServiceManager> find_service_manager(const World& world) {
  return host::read_service_manager(variable_of(world, "LISTEN_PID"),
                                    variable_of(world, "LISTEN_FDS"),
                                    variable_of(world, "NOTIFY_SOCKET"), world.pid);
}

// Who does not hear it may think that the server hangs; it serves all the same.
void tell(const host::ServiceManager& manager, std::string_view state, telemetry::Log& log) {
  if (auto told = host::notify(manager, state); !told.ok()) {
    log.warn("the service manager was not told", {{"because", told.error().message()}});
  }
}

// A server and all that it needs, from its start to its stop. Options and world outlive it; signals
// are blocked, since it starts threads.
class ServerRun {
 public:
  ServerRun(const ServeOptions& options, ServeSettings settings, host::ServiceManager manager,
            World& world)
      : options_(options),
        settings_(std::move(settings)),
        manager_(std::move(manager)),
        world_(world),
        started_(world.now()) {}

  // Once; when it is done, requests are answered.
  Result<void> start();
  // After that.
  void stop(int signal);

 private:
  Result<void> load();
  Result<void> find_access();
  Result<void> listen();
  Result<void> announce();
  std::string url() const { return url_of(*server_, access_->tls() != nullptr); }

  const ServeOptions& options_;
  const ServeSettings settings_;
  const host::ServiceManager manager_;
  World& world_;
  const std::chrono::steady_clock::time_point started_;
  // In the order in which they need each other.
  telemetry::Log log_{{.form = telemetry::Log::form_of_stderr()}};
  telemetry::Metrics metrics_;
  std::optional<batching::SharingLoader> networks_;
  std::unique_ptr<ServedModels> models_;
  std::unique_ptr<TokenAccess> tokens_;
  std::optional<FirstStart> first_;
  std::unique_ptr<front::Access> access_;
  std::unique_ptr<serve::WorkQueue> queue_;
  std::unique_ptr<RequestTelemetry> telemetry_;
  std::unique_ptr<front::Front> front_;
  std::unique_ptr<net::Server> server_;
};

Result<void> ServerRun::start() {
  TRY(load());
  TRY(find_access());
  TRY(listen());
  return announce();
}

Result<void> ServerRun::load() {
  if (world_.networks != nullptr) {
    networks_.emplace(*world_.networks, batching::this_machine());
  }
  TRY_ASSIGN(models_,
             ServedModels::load(options_.models,
                                {.numbers = numbers_of(settings_),
                                 .threads = static_cast<std::size_t>(threads::detect_cpus()),
                                 .networks = networks_ ? &*networks_ : nullptr},
                                world_, log_, metrics_));
  return {};
}

// Who may ask, and with which certificate the server answers.
Result<void> ServerRun::find_access() {
  TRY_ASSIGN(tokens_, TokenAccess::open(options_.tokens, world_, log_, metrics_));
  TRY_ASSIGN(first_, FirstStart::prepare(options_.access,
                                         {.workspace = options_.models.where.workspace,
                                          .endpoint = models_->keyed(),
                                          .address = options_.address,
                                          .inherits = !manager_.listeners.empty(),
                                          .has_tokens = tokens_->tokens() != nullptr},
                                         world_));
  TRY_ASSIGN(access_, front::Access::open(first_->files(), log_, world_.now));
  return {};
}

Result<void> ServerRun::listen() {
  net::Server::Options listening = server_options(options_, settings_, world_);
  listening.adopted = manager_.listeners;
  listening.tls = access_->tls();
  TRY_ASSIGN(queue_, serve::WorkQueue::start({.name = "score",
                                              .workers = models_->useful_workers(listening.threads),
                                              .limits = serve::admission_limits(settings_.queueing),
                                              .now = world_.now}));
  TRY_ASSIGN(front::Front::Options fronting, front_options(options_, settings_, world_));
  fronting.keys = access_->keys();
  fronting.tokens = tokens_->tokens();
  fronting.loader = models_->loader();
  TRY_ASSIGN(telemetry_, RequestTelemetry::start(world_, options_.telemetry, log_, metrics_));
  fronting.events = telemetry_->queue();
  fronting.sampler = telemetry_->sampler();
  front_ =
      std::make_unique<front::Front>(models_->endpoints(), metrics_, *queue_, std::move(fronting));
  TRY_ASSIGN(server_, net::Server::listen(std::move(listening), *front_));
  front::expose_server(metrics_, [this] { return server_->counts(); });
  TRY(access_->watch());
  return tokens_->watch();
}

// To the log, to who started it, and to the service manager.
Result<void> ServerRun::announce() {
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(world_.now() - started_).count();
  log_.info("ready", {{"endpoint", models_->title()},
                      {"url", url()},
                      {"threads", thread_count(options_)},
                      {"load_ms", took}});
  TRY(world_.out.write(models_->greeting(url())));
  TRY(first_->tell(url(), world_));
  tell(manager_, "READY=1", log_);
  return {};
}

void ServerRun::stop(int signal) {
  log_.info("stopping", {{"signal", signal}});
  tell(manager_, "STOPPING=1", log_);
  front_->drain();
  models_->stop();
  const auto idle_until = world_.now() + settings_.serving.duration("drain_time");
  const auto deadline = idle_until + settings_.serving.duration("stop_time_max");
  const bool finished = server_->stop(deadline, idle_until);
  static_cast<void>(queue_->stop(deadline));
  log_.info("stopped", {{"finished", finished}});
}

Result<void> serve_until_stopped(const ServeOptions& options, World& world) {
  TRY_ASSIGN(ServeSettings settings, read_settings(options));
  TRY_ASSIGN(host::ServiceManager manager, find_service_manager(world));
  const StopSignals signals;
  outlive_unwritable_logs();
  ServerRun run(options, std::move(settings), std::move(manager), world);
  TRY(run.start());
  run.stop(signals.wait());
  return {};
}

}  // namespace

Action declare_serve(CLI::App& app) {
  auto options = std::make_shared<ServeOptions>();
  add_serve_options(app, *options);
  app.footer(
      "Under a service manager it takes the sockets that LISTEN_FDS passes on, instead of "
      "--address\n"
      "and --port, and says READY=1 and STOPPING=1 to NOTIFY_SOCKET.");
  return [options](World& world, const Common&) { return serve_until_stopped(*options, world); };
}

}  // namespace cli
