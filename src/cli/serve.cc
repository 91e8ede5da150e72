
#include <algorithm>
#include <csignal>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/first_start.h"
#include "cli/serve_limits.h"
#include "cli/serve_signals.h"
#include "cli/served_models.h"
#include "cli/telemetry_flags.h"
#include "cli/tls_flags.h"
#include "cli/token_options.h"
#include "config/settings.h"
#include "front/access.h"
#include "front/deadline.h"
#include "front/front.h"
#include "front/server_metrics.h"
#include "host/service_manager.h"
#include "net/server.h"
#include "serve/queue_options.h"
#include "serve/work_queue.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "threads/cpus.h"

namespace cli {
namespace {

using base::Result;

constexpr config::Option kServeOptions[] = {
    {.name = "body_bytes_max",
     .type = config::Type::Bytes,
     .fallback = "8 MiB",
     .min = 1 << 10,
     .max = std::int64_t{1} << 30,
     .sentence = "Largest body of a request to be scored."},
    {.name = "unpacked_bytes_max",
     .type = config::Type::Bytes,
     .fallback = "16 MiB",
     .min = 1 << 10,
     .max = std::int64_t{4} << 30,
     .sentence = "Largest body of a request that comes packed, when it is unpacked."},
    {.name = "unpacked_ratio_max",
     .type = config::Type::Int,
     .fallback = "100",
     .min = 1,
     .max = 100'000,
     .unit = "times",
     .sentence = "How many times its size a packed body may come to, beyond 64 KiB."},
    {.name = "pack_bytes_min",
     .type = config::Type::Bytes,
     .fallback = "32 KiB",
     .min = 0,
     .max = std::int64_t{1} << 30,
     .sentence = "Smaller answers are not packed for clients that accept gzip or zstd."},
    {.name = "accept_nan",
     .type = config::Type::Bool,
     .fallback = "true",
     .sentence = "Whether NaN, Infinity and -Infinity in JSON are numbers; else they are refused."},
    {.name = "answer_nan",
     .type = config::Type::Bool,
     .fallback = "false",
     .sentence = "Whether answers in JSON say NaN, Infinity and -Infinity; else null."},
    {.name = "drain_time",
     .type = config::Type::Duration,
     .fallback = "0 s",
     .min = 0,
     .max = 600'000,
     .sentence = "Time in which connections may send one more request after SIGTERM."},
    {.name = "stop_time_max",
     .type = config::Type::Duration,
     .fallback = "30 s",
     .min = 0,
     .max = 3'600'000,
     .sentence = "Longest time that requests in flight get to finish after that."},
};

struct ServeOptions {
  ServedModelsFlags models;
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;
  std::size_t threads = 0;
  AccessFlags access;
  TokenFlags tokens;
  TelemetryFlags telemetry;
  std::map<std::string, std::string> limits;  // Flag to value, as given.
};

// The flags of a table, each a text that the table parses.
void add_flags(CLI::App& app, std::span<const config::Option> options, ServeOptions& given) {
  for (const config::Option& option : options) {
    const std::string flag = config::flag_name(option);
    app.add_option_function<std::string>(
           flag, [&given, flag](const std::string& text) { given.limits[flag] = text; },
           fmt::format("{} (default {})", option.sentence, option.fallback))
        ->group("Limits");
  }
}

Result<void> read_flags(const ServeOptions& given, std::span<const config::Option> options,
                        config::Settings& settings) {
  for (const config::Option& option : options) {
    const auto at = given.limits.find(config::flag_name(option));
    if (at != given.limits.end()) TRY(settings.set(at->first, at->second));
  }
  return {};
}

front::BodyOptions bodies_of(const config::Settings& settings) {
  front::BodyOptions bodies{.bytes_max = settings.bytes("body_bytes_max"),
                            .pack_bytes_min = settings.bytes("pack_bytes_min")};
  bodies.unpack.bytes_max = settings.bytes("unpacked_bytes_max");
  bodies.unpack.ratio_max = static_cast<std::uint64_t>(settings.integer("unpacked_ratio_max"));
  return bodies;
}

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

std::size_t default_threads() {
  return std::min(static_cast<std::size_t>(threads::detect_cpus()), net::Server::kThreadsMax);
}

// The values of all tables of options.
struct ServeSettings {
  config::Settings serving{kServeOptions};
  config::Settings limits{net::limit_options()};
  config::Settings queueing{serve::queue_options()};
  config::Settings deadlines{front::deadline_options()};
};

Result<ServeSettings> read_settings(const ServeOptions& options) {
  ServeSettings settings;
  TRY(read_flags(options, kServeOptions, settings.serving));
  TRY(read_flags(options, net::limit_options(), settings.limits));
  TRY(read_flags(options, serve::queue_options(), settings.queueing));
  TRY(read_flags(options, front::deadline_options(), settings.deadlines));
  return settings;
}

net::Server::Options server_options(const ServeOptions& options, const ServeSettings& settings,
                                    const World& world) {
  net::Server::Options made;
  made.address = options.address;
  made.port = options.port;
  made.threads = options.threads > 0 ? options.threads : default_threads();
  made.limits = net::Limits(settings.limits);
  made.wall_seconds = [&world] { return std::chrono::system_clock::to_time_t(world.wall_now()); };
  made.cleartext = options.access.cleartext;
  return made;
}

front::Front::Options front_options(const ServeSettings& settings, const World& world) {
  return {.version = SOOTH_VERSION,
          .bodies = bodies_of(settings.serving),
          .request_time_max = settings.deadlines.duration("request_time_max"),
          .now = world.now,
          .wall_now = world.wall_now,
          .predict_route = variable_of(world, "AIP_PREDICT_ROUTE"),
          .health_route = variable_of(world, "AIP_HEALTH_ROUTE")};
}

contract::Offer::Numbers numbers_of(const config::Settings& settings) {
  return {.accept_nan = settings.boolean("accept_nan"),
          .answer_nan = settings.boolean("answer_nan")};
}

Result<void> serve_until_stopped(const ServeOptions& options, World& world) {
  TRY_ASSIGN(const ServeSettings settings, read_settings(options));
  TRY_ASSIGN(const host::ServiceManager manager, find_service_manager(world));
  const StopSignals signals;
  outlive_unwritable_logs();
  const auto started = world.now();
  telemetry::Log log({.form = telemetry::Log::form_of_stderr()});
  telemetry::Metrics metrics;
  TRY_ASSIGN(const auto models,
             ServedModels::load(options.models,
                                {.numbers = numbers_of(settings.serving),
                                 .threads = static_cast<std::size_t>(threads::detect_cpus())},
                                world, log, metrics));
  TRY_ASSIGN(const auto tokens, TokenAccess::open(options.tokens, world, log, metrics));
  TRY_ASSIGN(const FirstStart start,
             FirstStart::prepare(options.access,
                                 {.workspace = options.models.where.workspace,
                                  .endpoint = models->keyed(),
                                  .address = options.address,
                                  .inherits = !manager.listeners.empty(),
                                  .has_tokens = tokens->tokens() != nullptr},
                                 world));
  TRY_ASSIGN(const auto access, front::Access::open(start.files(), log, world.now));
  net::Server::Options listening = server_options(options, settings, world);
  listening.adopted = manager.listeners;
  listening.tls = access->tls();
  const std::size_t threads = listening.threads;
  TRY_ASSIGN(const auto queue,
             serve::WorkQueue::start({.name = "score",
                                      .workers = threads,
                                      .limits = serve::admission_limits(settings.queueing),
                                      .now = world.now}));
  front::Front::Options fronting = front_options(settings, world);
  TRY(apply_front_limits(options.limits, options.access.cleartext, fronting));
  fronting.keys = access->keys();
  fronting.tokens = tokens->tokens();
  fronting.loader = models->loader();
  TRY_ASSIGN(const auto telemetry, RequestTelemetry::start(world, options.telemetry, log, metrics));
  fronting.events = telemetry->queue();
  fronting.sampler = telemetry->sampler();
  front::Front front(models->endpoints(), metrics, *queue, std::move(fronting));
  TRY_ASSIGN(const auto server, net::Server::listen(std::move(listening), front));
  front::expose_server(metrics, [&server] { return server->counts(); });
  TRY(access->watch());
  TRY(tokens->watch());

  const std::string url = url_of(*server, access->tls() != nullptr);
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(world.now() - started).count();
  log.info("ready",
           {{"endpoint", models->title()}, {"url", url}, {"threads", threads}, {"load_ms", took}});
  TRY(world.out.write(models->greeting(url)));
  TRY(start.tell(url, world));

  tell(manager, "READY=1", log);

  const int signal = signals.wait();
  log.info("stopping", {{"signal", signal}});
  tell(manager, "STOPPING=1", log);
  front.drain();
  models->stop();
  const auto idle_until = world.now() + settings.serving.duration("drain_time");
  const auto deadline = idle_until + settings.serving.duration("stop_time_max");
  const bool finished = server->stop(deadline, idle_until);
  static_cast<void>(queue->stop(deadline));
  log.info("stopped", {{"finished", finished}});
  return {};
}

}  // namespace

Action declare_serve(CLI::App& app) {
  auto options = std::make_shared<ServeOptions>();
  add_served_models_options(app, options->models);
  app.add_option("--address", options->address,
                 "Address to listen on; others than loopback ask for keys and speak TLS")
      ->capture_default_str();
  app.add_option("--port", options->port, "Port to listen on; 0: any free one")
      ->capture_default_str();
  app.add_option("--threads", options->threads,
                 "Threads that serve and that score (default: as many as there are processors)")
      ->check(CLI::Range(std::size_t{1}, net::Server::kThreadsMax));
  add_access_options(app, options->access);
  add_telemetry_options(app, options->telemetry);
  add_token_options(app, options->tokens);
  add_flags(app, kServeOptions, *options);
  add_flags(app, serve::queue_options(), *options);
  add_flags(app, front::deadline_options(), *options);
  add_flags(app, net::limit_options(), *options);
  for (const auto table : front_limit_tables()) add_flags(app, table, *options);
  app.footer(
      "Under a service manager it takes the sockets that LISTEN_FDS passes on, instead of "
      "--address\n"
      "and --port, and says READY=1 and STOPPING=1 to NOTIFY_SOCKET.");
  return [options](World& world, const Common&) { return serve_until_stopped(*options, world); };
}

}  // namespace cli
