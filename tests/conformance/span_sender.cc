#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "front/span_exporter.h"

// span_sender URL: sends spans of three requests, known to spans.py, as `sooth serve` would.

namespace {

using telemetry::Scored;

constexpr std::int64_t kStartedNs = 1'764'373'187'000'000'000;
constexpr std::string_view kParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

Scored request(std::uint64_t number, std::string_view traceparent) {
  Scored event;
  event.endpoint = "faq";
  event.version = "3";
  event.key_id = "abcdefghijklmnop";
  event.request_id = telemetry::RequestId("request-" + std::to_string(number));
  event.trace = telemetry::find_place(traceparent, {.ratio = 1}, telemetry::fast_random_bits);
  event.started_ns = kStartedNs + static_cast<std::int64_t>(number);
  event.took_ns = 100'000;
  event.rows = number;
  event.bytes_in = 10;
  event.bytes_out = 20;
  return event;
}

int send(const char* text) {
  telemetry::Metrics metrics;
  telemetry::Log log({.form = telemetry::Log::Form::Readable});
  const auto url = net::Url::parse(text);
  if (!url.ok()) {
    std::fprintf(stderr, "%s\n", url.error().message().c_str());
    return EXIT_FAILURE;
  }
  front::SpanExporter::Options options;
  options.url = *url;
  options.fields = {{"x-tenant", "conformance"}};
  options.resource = {"span-sender", "1.2.3"};
  options.random = telemetry::fast_random_bits;
  auto exporter = front::SpanExporter::start(std::move(options), nullptr, metrics, log);
  if (!exporter.ok()) {
    std::fprintf(stderr, "%s\n", exporter.error().message().c_str());
    return EXIT_FAILURE;
  }
  Scored joined = request(1, kParent);
  joined.trace_state = "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE";
  joined.parse = {.after_ns = 0, .took_ns = 1'000};
  joined.queue = {.after_ns = 1'000, .took_ns = 2'000};
  joined.compute = {.after_ns = 3'000, .took_ns = 90'000};
  joined.write = {.after_ns = 93'000, .took_ns = 7'000};
  Scored failed = request(2, "");
  failed.status = 503;
  failed.wire = telemetry::Wire::OipRest;
  Scored grpc = request(300, "");
  grpc.wire = telemetry::Wire::OipGrpc;
  for (const Scored& event : {joined, failed, grpc}) (*exporter)->take(std::span(&event, 1));
  (*exporter)->stop();
  std::fputs(metrics.text().c_str(), stdout);
  return EXIT_SUCCESS;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: span_sender URL\n", stderr);
    return EXIT_FAILURE;
  }
  return send(arguments[1]);
}
