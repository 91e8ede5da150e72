#include "front/span_exporter.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include "net/test_server.h"

namespace front {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using telemetry::Scored;

constexpr milliseconds kNever{3'600'000};

// A collector that answers each connection's one request as it is told, in turn, and keeps what
// came. Behind the last answer it stays with that one.
class Collector {
 public:
  explicit Collector(std::vector<std::string> answers)
      : answers_(std::move(answers)), server_([this](auto& socket) { answer(socket); }) {}

  std::uint16_t port() const { return server_.port(); }
  std::vector<std::string> requests() {
    const std::scoped_lock lock(mutex_);
    return requests_;
  }

  static std::string status(const std::string& status, const std::string& fields = "") {
    return "HTTP/1.1 " + status + "\r\nConnection: close\r\n" + fields +
           "Content-Length: 0\r\n\r\n";
  }

 private:
  void answer(net::ScriptedServer::Socket& socket) {
    std::string request = net::read_request(socket);
    std::string answer;
    {
      const std::scoped_lock lock(mutex_);
      answer = answers_[std::min(requests_.size(), answers_.size() - 1)];
      requests_.push_back(std::move(request));
    }
    if (answer.empty()) {
      net::read_request(socket);  // Says nothing until the other side leaves.
    } else {
      net::write_text(socket, answer);
    }
  }

  const std::vector<std::string> answers_;
  std::mutex mutex_;
  std::vector<std::string> requests_;
  net::ScriptedServer server_;
};

const std::string kTaken = Collector::status("200 OK");

Scored sampled_event(bool sampled = true) {
  Scored event;
  event.endpoint = "faq";
  event.trace =
      telemetry::find_place("", {.ratio = sampled ? 1.0 : 0.0}, telemetry::fast_random_bits);
  event.compute = {.after_ns = 0, .took_ns = 10};
  return event;
}

class SpanExporterTest : public ::testing::Test {
 protected:
  SpanExporter::Options options(std::uint16_t port) const {
    SpanExporter::Options options;
    options.url = {.origin = {.tls = false, .host = "127.0.0.1", .port = port},
                   .target = "/v1/traces"};
    options.resource = {"shop", "1.2"};
    options.random = telemetry::fast_random_bits;
    options.batch_time_max = kNever;
    options.retry_pause = milliseconds(1);
    return options;
  }
  std::unique_ptr<SpanExporter> start(SpanExporter::Options options) {
    auto exporter = SpanExporter::start(std::move(options), nullptr, metrics_, *log_);
    EXPECT_TRUE(exporter.ok()) << exporter.error().message();
    return *std::move(exporter);
  }
  static void take(SpanExporter& exporter, const Scored& event, int times = 1) {
    for (int i = 0; i < times; ++i) exporter.take(std::span(&event, 1));
  }
  std::uint64_t count(const std::string& name, const std::string& labels = "") {
    const std::string text = metrics_.text();
    const std::string line = "\n" + name + labels + " ";
    const std::size_t at = text.find(line);
    return at == std::string::npos ? 0 : std::stoull(text.substr(at + line.size()));
  }
  std::uint64_t sent() { return count("sooth_spans_sent_total"); }
  std::uint64_t queue_full() {
    return count("sooth_spans_dropped_total", "{reason=\"queue_full\"}");
  }
  std::uint64_t not_sent() { return count("sooth_spans_dropped_total", "{reason=\"not_sent\"}"); }
  // Until something is so; the test's own time ends it else.
  template <typename Until>
  static void wait_until(Until until) {
    const auto deadline = steady_clock::now() + seconds(30);
    while (!until() && steady_clock::now() < deadline) std::this_thread::yield();
    EXPECT_TRUE(until());
  }

  std::ostringstream written_;
  telemetry::Metrics metrics_;
  std::unique_ptr<telemetry::Log> log_ = std::make_unique<telemetry::Log>(
      telemetry::Log::Options{}, std::make_shared<spdlog::sinks::ostream_sink_mt>(written_));
};

TEST_F(SpanExporterTest, SendsWhatIsSampledWithItsFields) {
  Collector collector({kTaken});
  auto with = options(collector.port());
  with.fields = {{"X-Tenant", "a"}};
  const auto exporter = start(std::move(with));
  take(*exporter, sampled_event(), 3);
  take(*exporter, sampled_event(false), 5);
  exporter->stop();
  ASSERT_EQ(collector.requests().size(), 1U);
  const std::string request = collector.requests()[0];
  EXPECT_TRUE(request.starts_with("POST /v1/traces HTTP/1.1\r\n"));
  EXPECT_NE(request.find("Content-Type: application/x-protobuf\r\n"), std::string::npos);
  EXPECT_NE(request.find("X-Tenant: a\r\n"), std::string::npos);
  EXPECT_NE(request.find("User-Agent: sooth/1.2\r\n"), std::string::npos);
  EXPECT_NE(request.find("service.name"), std::string::npos);
  EXPECT_EQ(sent(), 6U);
}

TEST_F(SpanExporterTest, SendsByTheBatch) {
  Collector collector({kTaken});
  auto small = options(collector.port());
  small.batch_spans_max = 10;  // Two requests.
  const auto exporter = start(std::move(small));
  take(*exporter, sampled_event(), 4);
  wait_until([&] { return sent() == 8; });
  EXPECT_EQ(collector.requests().size(), 2U);
}

TEST_F(SpanExporterTest, SendsWhatIsOldEnough) {
  Collector collector({kTaken});
  auto quick = options(collector.port());
  quick.batch_time_max = milliseconds(1);
  const auto exporter = start(std::move(quick));
  take(*exporter, sampled_event());
  wait_until([&] { return sent() == 2; });
}

TEST_F(SpanExporterTest, TriesAgainWhereThatMayHelp) {
  Collector collector({Collector::status("503 Busy"),
                       Collector::status("429 Slow", "Retry-After: 0\r\n"), "not HTTP\r\n\r\n",
                       kTaken});
  auto quick = options(collector.port());
  quick.batch_time_max = milliseconds(1);
  const auto exporter = start(std::move(quick));
  take(*exporter, sampled_event());
  wait_until([&] { return sent() == 2; });
  const auto requests = collector.requests();
  ASSERT_EQ(requests.size(), 4U);
  for (const std::string& request : requests) EXPECT_EQ(request, requests[0]);
  EXPECT_EQ(not_sent(), 0U);
}

TEST_F(SpanExporterTest, DropsWhatIsRefusedAndSaysSoOnce) {
  {
    Collector collector({Collector::status("401 No"),
                         Collector::status("302 Found", "Location: /x\r\n"),
                         Collector::status("401 No"), kTaken});
    auto quick = options(collector.port());
    quick.batch_time_max = milliseconds(1);
    quick.fields = {{"Authorization", "Bearer hunter2hunter2"}};
    quick.url.target += "?token=hunter3";
    const auto exporter = start(std::move(quick));
    for (std::size_t i = 1; i <= 4; ++i) {
      take(*exporter, sampled_event());
      wait_until([&] { return not_sent() + sent() == 2 * i; });
    }
    EXPECT_EQ(not_sent(), 6U);
  }
  log_.reset();  // Writes what is queued.
  const std::string text = written_.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2) << text;
  EXPECT_NE(text.find("expected status 200, got 401"), std::string::npos);
  EXPECT_NE(text.find("takes spans again"), std::string::npos);
  EXPECT_EQ(text.find("hunter"), std::string::npos) << text;
}

TEST_F(SpanExporterTest, AFullQueueDropsAndCounts) {
  Collector collector({kTaken});
  auto small = options(collector.port());
  small.waiting_max = 2;
  const auto exporter = start(std::move(small));
  take(*exporter, sampled_event(), 5);
  EXPECT_EQ(queue_full(), 6U);
  exporter->stop();
  EXPECT_EQ(sent(), 4U);
  take(*exporter, sampled_event());
  EXPECT_EQ(queue_full(), 8U);
}

TEST_F(SpanExporterTest, ACollectorThatIsNotThereHoldsNobodyUp) {
  std::uint16_t port = 0;
  {
    const Collector gone({kTaken});
    port = gone.port();
  }
  auto quick = options(port);
  quick.batch_time_max = milliseconds(1);
  quick.retry_pause = seconds(20);
  quick.waiting_max = 10;
  const auto exporter = start(std::move(quick));
  const auto start = steady_clock::now();
  take(*exporter, sampled_event(), 1000);
  exporter->stop();
  EXPECT_LT(steady_clock::now() - start, seconds(10));
  EXPECT_EQ(sent(), 0U);
  EXPECT_EQ(not_sent() + queue_full(), 2000U);
}

TEST_F(SpanExporterTest, ACollectorThatHangsEndsWithTheTimeToStop) {
  Collector collector({""});
  auto hung = options(collector.port());
  hung.batch_time_max = milliseconds(1);
  hung.send_time_max = seconds(600);
  hung.stop_time_max = milliseconds(50);
  const auto exporter = start(std::move(hung));
  take(*exporter, sampled_event());
  wait_until([&] { return collector.requests().size() == 1; });
  take(*exporter, sampled_event(), 3);
  const auto begin = steady_clock::now();
  exporter->stop();
  EXPECT_LT(steady_clock::now() - begin, seconds(10));
  EXPECT_EQ(sent(), 0U);
  EXPECT_EQ(not_sent(), 8U);
}

TEST_F(SpanExporterTest, RefusesFieldsThatAreNone) {
  auto wrong = options(1);
  wrong.fields = {{"X A", "secret"}};
  const auto exporter = SpanExporter::start(std::move(wrong), nullptr, metrics_, *log_);
  ASSERT_FALSE(exporter.ok());
  EXPECT_EQ(exporter.error().code(), base::Code::Invalid);
  EXPECT_EQ(exporter.error().message().find("secret"), std::string::npos);
}

TEST(SpanRetryTest, IsByStatusAndWhatTheCollectorSays) {
  const auto pause = [](int status, const char* after, int attempt) {
    const auto found = pause_before_retry(status, after, attempt, milliseconds(1000));
    return found ? found->count() : -1;
  };
  for (const int status : {0, 429, 502, 503, 504}) EXPECT_EQ(pause(status, "", 1), 1000) << status;
  for (const int status : {301, 400, 401, 404, 413, 500, 501}) EXPECT_EQ(pause(status, "", 1), -1);
  EXPECT_EQ(pause(503, "", 2), 2000);
  EXPECT_EQ(pause(503, "", 4), 8000);
  EXPECT_EQ(pause(503, "", 5), -1);
  EXPECT_EQ(pause(503, "7", 1), 7000);
  EXPECT_EQ(pause(503, "0", 3), 0);
  EXPECT_EQ(pause(503, "100000000000", 1), 30'000);
  EXPECT_EQ(pause(503, "-1", 1), 1000);
  EXPECT_EQ(pause(503, "Fri, 31 Dec 1999 23:59:59 GMT", 1), 1000);
  EXPECT_EQ(pause(400, "7", 1), -1);
}

}  // namespace
}  // namespace front
