#include "cli/serve_options.h"

#include <algorithm>
#include <memory>
#include <span>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/serve_limits.h"
#include "threads/cpus.h"

namespace cli {
namespace {

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

base::Result<void> read_flags(const ServeOptions& given, std::span<const config::Option> options,
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

}  // namespace

std::span<const config::Option> serve_options() { return kServeOptions; }

void add_serve_options(CLI::App& app, ServeOptions& options) {
  add_served_models_options(app, options.models);
  app.add_option("--address", options.address,
                 "Address to listen on; others than loopback ask for keys and speak TLS")
      ->capture_default_str();
  app.add_option("--port", options.port, "Port to listen on; 0: any free one")
      ->capture_default_str();
  app.add_option("--threads", options.threads,
                 "Threads that serve and that score (default: as many as there are processors)")
      ->check(CLI::Range(std::size_t{1}, net::Server::kThreadsMax));
  add_access_options(app, options.access);
  add_telemetry_options(app, options.telemetry);
  add_token_options(app, options.tokens);
  add_flags(app, kServeOptions, options);
  add_flags(app, serve::queue_options(), options);
  add_flags(app, front::deadline_options(), options);
  add_flags(app, net::limit_options(), options);
  for (const auto table : front_limit_tables()) add_flags(app, table, options);
}

base::Result<ServeSettings> read_settings(const ServeOptions& options) {
  ServeSettings settings;
  TRY(read_flags(options, kServeOptions, settings.serving));
  TRY(read_flags(options, net::limit_options(), settings.limits));
  TRY(read_flags(options, serve::queue_options(), settings.queueing));
  TRY(read_flags(options, front::deadline_options(), settings.deadlines));
  return settings;
}

std::size_t thread_count(const ServeOptions& options) {
  if (options.threads > 0) return options.threads;
  return std::min(static_cast<std::size_t>(threads::detect_cpus()), net::Server::kThreadsMax);
}

net::Server::Options server_options(const ServeOptions& options, const ServeSettings& settings,
                                    const World& world) {
  net::Server::Options made;
  made.address = options.address;
  made.port = options.port;
  made.threads = thread_count(options);
  made.limits = net::Limits(settings.limits);
  made.wall_seconds = [&world] { return std::chrono::system_clock::to_time_t(world.wall_now()); };
  made.cleartext = options.access.cleartext;
  return made;
}

base::Result<front::Front::Options> front_options(const ServeOptions& options,
                                                  const ServeSettings& settings,
                                                  const World& world) {
  front::Front::Options made{.version = SOOTH_VERSION,
                             .bodies = bodies_of(settings.serving),
                             .request_time_max = settings.deadlines.duration("request_time_max"),
                             .now = world.now,
                             .wall_now = world.wall_now,
                             .predict_route = variable_of(world, "AIP_PREDICT_ROUTE"),
                             .health_route = variable_of(world, "AIP_HEALTH_ROUTE")};
  TRY(apply_front_limits(options.limits, options.access.cleartext, made));
  return made;
}

contract::Offer::Numbers numbers_of(const ServeSettings& settings) {
  return {.accept_nan = settings.serving.boolean("accept_nan"),
          .answer_nan = settings.serving.boolean("answer_nan")};
}

}  // namespace cli
