#include "front/span_exporter.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include <pthread.h>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/number.h"

namespace front {
namespace {

constexpr int kRetriesMax = 4;
constexpr std::chrono::milliseconds kPauseMax{30'000};
constexpr std::uint64_t kAnswerBytesMax = 64 << 10;
constexpr int kJitterPercent = 20;

bool is_worth_retrying(int status) {
  return status == 0 || status == 429 || status == 502 || status == 503 || status == 504;
}

}  // namespace

std::optional<std::chrono::milliseconds> pause_before_retry(int status,
                                                            std::string_view retry_after,
                                                            int attempt,
                                                            std::chrono::milliseconds first) {
  if (!is_worth_retrying(status) || attempt > kRetriesMax) return std::nullopt;
  // A date, which the field may be too, is not worth a calendar here.
  if (const auto seconds = base::parse_int(retry_after); seconds && *seconds >= 0) {
    const auto limit = std::chrono::duration_cast<std::chrono::seconds>(kPauseMax).count();
    return std::chrono::seconds(std::min<std::int64_t>(*seconds, limit));
  }
  return std::min(kPauseMax, first * (1 << (attempt - 1)));
}

SpanExporter::SpanExporter(Options options, std::shared_ptr<net::TlsTrust> trust,
                           telemetry::Metrics& metrics, telemetry::Log& log)
    : options_(std::move(options)),
      batch_requests_(
          std::max<std::size_t>(options_.batch_spans_max / telemetry::SpanBatch::kSpansMax, 1)),
      client_({.user_agent = "sooth/" + options_.resource.service_version}, std::move(trust)),
      sent_(metrics.counter("sooth_spans_sent_total", "Spans that a collector took.")),
      queue_full_(metrics.counter("sooth_spans_dropped_total", "Spans that no collector got.",
                                  {{"reason", "queue_full"}})),
      not_sent_(metrics.counter("sooth_spans_dropped_total", "Spans that no collector got.",
                                {{"reason", "not_sent"}})),
      log_(log) {}

base::Result<std::unique_ptr<SpanExporter>> SpanExporter::start(
    Options options, std::shared_ptr<net::TlsTrust> trust, telemetry::Metrics& metrics,
    telemetry::Log& log) {
  std::unique_ptr<SpanExporter> exporter(
      new SpanExporter(std::move(options), std::move(trust), metrics, log));
  // What the fields may not be is said now, and not by every batch.
  const net::HttpRequest request{
      .method = "POST", .url = exporter->options_.url, .fields = exporter->options_.fields};
  TRY(net::check_request(request));
  try {
    exporter->thread_ = std::jthread([e = exporter.get()] { e->work(); });
  } catch (const std::system_error& error) {
    return base::Error(base::Code::Exhausted, fmt::format("spans: thread: {}", error.what()));
  }
  ::pthread_setname_np(exporter->thread_.native_handle(), "spans");
  return exporter;
}

void SpanExporter::take(std::span<const telemetry::Scored> events) {
  bool enough = false;
  {
    auto state = state_.lock();
    for (const telemetry::Scored& event : events) {
      if (!event.trace.sampled) continue;
      if (state->stop_by || state->waiting.size() >= options_.waiting_max) {
        queue_full_.add(telemetry::SpanBatch::spans_of(event));
        continue;
      }
      if (state->waiting.empty()) {
        state->oldest = Clock::now();
        enough = true;
      }
      state->waiting.push_back(event);
    }
    enough = enough || state->waiting.size() >= batch_requests_;
  }
  if (enough) changed_.notify_one();
}

void SpanExporter::stop() {
  {
    auto state = state_.lock();
    if (!state->stop_by) state->stop_by = Clock::now() + options_.stop_time_max;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void SpanExporter::work() {
  telemetry::SpanBatch batch(options_.resource);
  while (gather(batch)) {
    deliver(batch);
    batch.clear();
  }
}

// Waits for a batch that is full or old enough; false once there is nothing more to wait for.
bool SpanExporter::gather(telemetry::SpanBatch& batch) {
  std::vector<telemetry::Scored> taken;
  {
    auto state = state_.lock();
    state.wait_until(changed_, Clock::time_point::max(),
                     [](const State& now) { return now.stop_by || !now.waiting.empty(); });
    state.wait_until(changed_, state->oldest + options_.batch_time_max, [this](const State& now) {
      return now.stop_by || now.waiting.size() >= batch_requests_;
    });
    while (!state->waiting.empty() && taken.size() < batch_requests_) {
      taken.push_back(state->waiting.front());
      state->waiting.pop_front();
    }
    state->oldest = Clock::now();
  }
  for (const telemetry::Scored& event : taken) batch.add(event, options_.random);
  return !taken.empty();
}

// Until it is taken, or not worth another try, or there is no more time for one.
void SpanExporter::deliver(const telemetry::SpanBatch& batch) {
  const std::string body = batch.body();
  for (int attempt = 1;; ++attempt) {
    std::chrono::milliseconds pause{-1};
    if (send(body, attempt, pause)) {
      sent_.add(batch.spans());
      return;
    }
    if (pause.count() < 0 || !wait(pause)) break;
  }
  not_sent_.add(batch.spans());
}

// Says whether the collector took it; where not, sets `pause` if it is worth another try.
bool SpanExporter::send(const std::string& body, int attempt, std::chrono::milliseconds& pause) {
  const auto limit = stop_by();
  if (limit && Clock::now() >= *limit) return false;
  net::HttpRequest request{.method = "POST",
                           .url = options_.url,
                           .fields = options_.fields,
                           .body = base::as_bytes(body),
                           .answer_bytes_max = kAnswerBytesMax};
  request.fields.emplace_back("Content-Type", "application/x-protobuf");
  request.cancelled = [this] {
    const auto by = stop_by();
    return by && Clock::now() >= *by;
  };
  const auto answer = client_.send(request, Clock::now() + options_.send_time_max);
  const int status = answer.ok() ? answer->status : 0;
  if (status / 100 == 2) {
    if (std::exchange(failing_, false)) log_.info("the collector takes spans again");
    return true;
  }
  const auto retry_after =
      answer.ok() ? answer->field("Retry-After").value_or("") : std::string_view();
  if (const auto next = pause_before_retry(status, retry_after, attempt, options_.retry_pause)) {
    // So that many servers do not come back at once.
    const auto spread = static_cast<int>(options_.random() % (2 * kJitterPercent + 1));
    pause = *next * (100 - kJitterPercent + spread) / 100;
    if (!retry_after.empty()) pause = std::max(pause, *next);
  }
  tell(answer.ok() ? fmt::format("{}: expected status 200, got {}", options_.url.display(), status)
                   : answer.error().message());
  return false;
}

// Once, until it works again.
void SpanExporter::tell(const std::string& problem) {
  if (std::exchange(failing_, true)) return;
  log_.warn("the collector does not take spans", {{"because", problem}});
}

// False: there is no time for it.
bool SpanExporter::wait(std::chrono::milliseconds pause) {
  auto state = state_.lock();
  const auto until = Clock::now() + pause;
  state.wait_until(changed_, until, [](const State& now) { return now.stop_by.has_value(); });
  if (!state->stop_by) return true;
  // From here on nothing notifies.
  if (until >= *state->stop_by) return false;
  state.wait_until(changed_, until, [](const State&) { return false; });
  return true;
}

std::optional<SpanExporter::Clock::time_point> SpanExporter::stop_by() {
  return state_.lock()->stop_by;
}

}  // namespace front
