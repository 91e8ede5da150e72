#include "cli/telemetry_flags.h"

#include <utility>

#include <CLI/CLI.hpp>

namespace cli {
namespace {

constexpr std::size_t kEventsMax = 4096;
constexpr std::string_view kServiceName = "sooth";

// Spans say which endpoints there are and who asks them, and fields may be credentials.
void warn_of_cleartext(const net::Url& url, const telemetry::OtelSettings& settings,
                       telemetry::Log& log) {
  if (url.origin.tls || url.origin.loopback() || settings.headers.empty()) return;
  log.warn("the collector's header fields are sent in clear text", {{"url", url.display()}});
}

base::Result<std::unique_ptr<front::SpanExporter>> start_exporter(
    const telemetry::OtelSettings& settings, telemetry::Log& log, telemetry::Metrics& metrics) {
  auto url = net::Url::parse(settings.traces_url);
  if (!url.ok()) return std::move(url).error().within("endpoint of traces");
  std::shared_ptr<net::TlsTrust> trust;
  if (url->origin.tls) {
    TRY_ASSIGN(trust, net::TlsTrust::load({.ca_file = settings.ca_file,
                                           .ca_option = "OTEL_EXPORTER_OTLP_CERTIFICATE"}));
  }
  warn_of_cleartext(*url, settings, log);
  front::SpanExporter::Options options;
  options.fields = settings.headers;
  options.resource = {
      settings.service_name.empty() ? std::string(kServiceName) : settings.service_name,
      SOOTH_VERSION};
  options.random = telemetry::fast_random_bits;
  options.send_time_max = settings.send_time_max;
  log.info("spans are sent", {{"url", url->display()}, {"ratio", settings.sampler.ratio}});
  options.url = *std::move(url);
  return front::SpanExporter::start(std::move(options), std::move(trust), metrics, log);
}

}  // namespace

void add_telemetry_options(CLI::App& app, TelemetryFlags& flags) {
  auto* requests = app.add_flag("--log-requests", flags.log_requests,
                                "A line of log for each scored request, with the id of its key");
  app.add_option("--log-ratio", flags.log_ratio,
                 "Share of requests that --log-requests logs, 0 to 1; those that failed in the "
                 "server are all logged (default 1)")
      ->needs(requests);
  app.add_option(
      "--trace-endpoint", flags.trace_endpoint,
      "Where spans go by OTLP/HTTP, such as http://collector:4318/v1/traces (default: as "
      "OTEL_EXPORTER_OTLP_ENDPOINT says)");
  app.add_option("--trace-ratio", flags.trace_ratio,
                 "Share of traces begun here that are recorded, 0 to 1 (default: as "
                 "OTEL_TRACES_SAMPLER says, or 1)");
}

base::Result<telemetry::OtelSettings> read_trace_settings(const World& world,
                                                          const TelemetryFlags& flags) {
  TRY_ASSIGN(auto settings, telemetry::read_otel_settings([&world](const std::string& name) {
               return variable_of(world, name.c_str());
             }));
  if (!flags.trace_endpoint.empty()) settings.traces_url = flags.trace_endpoint;
  if (!flags.trace_ratio.empty()) {
    auto ratio = telemetry::parse_ratio(flags.trace_ratio);
    if (!ratio.ok()) return std::move(ratio).error().within("--trace-ratio");
    settings.sampler = {.follows_parent = true, .ratio = *ratio};
  }
  return settings;
}

base::Result<std::unique_ptr<RequestTelemetry>> RequestTelemetry::start(
    const World& world, const TelemetryFlags& flags, telemetry::Log& log,
    telemetry::Metrics& metrics) {
  std::unique_ptr<RequestTelemetry> made(new RequestTelemetry());
  std::vector<telemetry::ScoredSink*> sinks;
  if (flags.log_requests) {
    double share = 1;
    if (!flags.log_ratio.empty()) {
      auto ratio = telemetry::parse_ratio(flags.log_ratio);
      if (!ratio.ok()) return std::move(ratio).error().within("--log-ratio");
      share = *ratio;
    }
    made->request_log_ = std::make_unique<telemetry::RequestLog>(log, share);
    sinks.push_back(made->request_log_.get());
  }
  TRY_ASSIGN(const auto settings, read_trace_settings(world, flags));
  if (!settings.traces_url.empty()) {
    TRY_ASSIGN(made->exporter_, start_exporter(settings, log, metrics));
    made->sampler_ = settings.sampler;
    sinks.push_back(made->exporter_.get());
  }
  if (!sinks.empty()) {
    TRY_ASSIGN(made->queue_, telemetry::ScoredQueue::start(kEventsMax, std::move(sinks), metrics));
  }
  return made;
}

}  // namespace cli
