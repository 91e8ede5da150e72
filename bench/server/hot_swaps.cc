// Asks a server without pause while it exchanges one model's versions, and says what came of it.
//
//   sooth_hot_swaps PORT MODEL BODY SWAPS CONNECTIONS PAUSE_MS
//
// MODEL has versions 1 and 2 in the server's workspace, which answer the first line of the file
// BODY otherwise; the server runs with --allow-load and --open. Each connection asks one request
// after the other, in rounds: while versions are exchanged, then for a while without. Every answer
// must be, byte by byte, that of a version which may serve at that moment. Prints one line of JSON.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "http_answer.h"
#include "loopback.h"

namespace {

[[noreturn]] void give_up(std::string_view why) {
  fmt::print(stderr, "sooth_hot_swaps: {}\n", why);
  std::exit(1);
}

// One connection that asks and waits; it connects again where the server has closed it.
class Client {
 public:
  explicit Client(std::uint16_t port) : port_(port) {}
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { end(); }

  // The answer's body is here until the next request. A status of 0: the server closed the
  // connection instead of answering.
  bench::Answer send(std::string_view request) {
    if (socket_ < 0) begin();
    if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) < 0) return fail();
    received_.clear();
    for (;;) {
      std::array<char, 65536> bytes;
      const ssize_t count = recv(socket_, bytes.data(), bytes.size(), 0);
      if (count <= 0) return fail();
      received_.append(bytes.data(), static_cast<std::size_t>(count));
      if (const auto answer = bench::parse_answer(received_)) {
        if (answer->closes) end();
        return *answer;
      }
    }
  }

 private:
  void begin() {
    socket_ = socket(AF_INET, SOCK_STREAM, 0);
    bench::send_at_once(socket_);
    const sockaddr_in address = bench::loopback(port_);
    if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      give_up(fmt::format("127.0.0.1:{}: cannot connect", port_));
    }
  }
  void end() {
    if (socket_ >= 0) close(socket_);
    socket_ = -1;
  }
  bench::Answer fail() {
    end();
    return {};
  }

  const std::uint16_t port_;
  int socket_ = -1;
  std::string received_;
};

// Each compares the one with the other: a shared machine is now fast, now slow.
constexpr int kRounds = 20;
constexpr double kCalmSecondsMax = 2;

struct Settings {
  std::uint16_t port = 0;
  std::string model;
  std::string request;
  int swaps = 0;
  int connections = 0;
  std::chrono::milliseconds pause{};      // Between exchanges.
  std::array<std::string, 2> expected{};  // Of version 1 and 2.
};

// Which exchange was asked for last, and which was acknowledged last: a request may meet what was
// acknowledged before it began, up to what was asked for before it ended. Exchange n brings version
// n % 2 + 1.
struct Progress {
  std::atomic<int> asked = 0;
  std::atomic<int> acknowledged = 0;
  std::atomic<bool> over = false;
};

int version_of(int swap) { return swap % 2 + 1; }

struct Tally {
  std::vector<double> us;
  std::uint64_t failed = 0;
  std::uint64_t wrong = 0;
  std::array<std::uint64_t, 2> answered_by{};
};

void add(Tally& to, const Tally& more) {
  to.us.insert(to.us.end(), more.us.begin(), more.us.end());
  to.failed += more.failed;
  to.wrong += more.wrong;
  for (std::size_t i = 0; i < 2; ++i) to.answered_by[i] += more.answered_by[i];
  std::sort(to.us.begin(), to.us.end());
}

// Whether the answer is that of a version that may have served between the two exchanges.
bool is_right(const Settings& settings, std::string_view body, int first, int last) {
  if (first != last) return body == settings.expected[0] || body == settings.expected[1];
  return body == settings.expected[static_cast<std::size_t>(version_of(first) - 1)];
}

void ask_all_the_time(const Settings& settings, const Progress& progress, Tally& tally) {
  Client client(settings.port);
  while (!progress.over) {
    const int first = progress.acknowledged;
    const double begun = bench::now();
    const bench::Answer answer = client.send(settings.request);
    tally.us.push_back(1e6 * (bench::now() - begun));
    const int last = progress.asked;
    if (answer.status != 200) {
      ++tally.failed;
    } else if (!is_right(settings, answer.body, first, last)) {
      ++tally.wrong;
    } else {
      ++tally.answered_by[answer.body == settings.expected[0] ? 0 : 1];
    }
  }
}

void load(const Settings& settings, Client& client, int version) {
  const std::string body = fmt::format(R"({{"parameters":{{"version":{}}}}})", version);
  const bench::Answer answer =
      client.send(fmt::format("POST /v2/repository/models/{}/load HTTP/1.1\r\nHost: localhost\r\n"
                              "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                              settings.model, body.size(), body));
  if (answer.status != 200) give_up(fmt::format("load: {} {}", answer.status, answer.body));
}

// Runs `meanwhile` while every connection asks.
template <typename Meanwhile>
Tally measure(const Settings& settings, Progress& progress, const Meanwhile& meanwhile) {
  progress.over = false;
  std::vector<Tally> tallies(static_cast<std::size_t>(settings.connections));
  {
    std::vector<std::jthread> threads;
    for (Tally& tally : tallies) {
      threads.emplace_back([&] { ask_all_the_time(settings, progress, tally); });
    }
    meanwhile();
    progress.over = true;
  }
  Tally all;
  for (const Tally& each : tallies) add(all, each);
  return all;
}

double percentile(const Tally& tally, double share) {
  if (tally.us.empty()) return 0;
  return tally.us[static_cast<std::size_t>(share * static_cast<double>(tally.us.size() - 1))];
}

// What each version answers, and that they are told apart by it. Leaves version 1 at work.
void learn_answers(Settings& settings, Client& client) {
  for (const int version : {2, 1}) {
    load(settings, client, version);
    const bench::Answer answer = client.send(settings.request);
    if (answer.status != 200) give_up(fmt::format("score: {} {}", answer.status, answer.body));
    settings.expected[static_cast<std::size_t>(version - 1)] = answer.body;
  }
  if (settings.expected[0] == settings.expected[1]) give_up("both versions answer the same");
}

void run(Settings& settings) {
  Client manager(settings.port);
  learn_answers(settings, manager);
  Progress progress;
  double longest_s = 0;
  // Those of one round.
  const auto swap_from_to = [&](int from, int to) {
    for (int swap = from + 1; swap <= to; ++swap) {
      const double begun = bench::now();
      progress.asked = swap;
      load(settings, manager, version_of(swap));
      progress.acknowledged = swap;
      longest_s = std::max(longest_s, bench::now() - begun);
      std::this_thread::sleep_for(settings.pause);
    }
  };
  Tally with;
  Tally without;
  std::vector<double> ratios;
  double seconds = 0;
  const int rounds = std::min(kRounds, settings.swaps);
  for (int round = 0; round < rounds; ++round) {
    const double begun = bench::now();
    const Tally swapped = measure(settings, progress, [&] {
      swap_from_to(settings.swaps * round / rounds, settings.swaps * (round + 1) / rounds);
    });
    const double took = bench::now() - begun;
    const Tally calm = measure(settings, progress, [&] {
      std::this_thread::sleep_for(std::chrono::duration<double>(std::min(took, kCalmSecondsMax)));
    });
    ratios.push_back(percentile(swapped, 0.99) / percentile(calm, 0.99));
    seconds += took;
    add(with, swapped);
    add(without, calm);
  }
  fmt::print(R"({{"swaps": {}, "requests": {}, "failed": {}, "wrong": {}, "by_first": {}, )"
             R"("by_second": {}, "p50_us": {:.1f}, "p99_us": {:.1f}, "p50_without_us": {:.1f}, )"
             R"("p99_without_us": {:.1f}, "p99_ratios": [{:.3f}], "seconds": {:.1f}, )"
             R"("longest_load_ms": {:.1f}}})"
             "\n",
             settings.swaps, with.us.size(), with.failed + without.failed,
             with.wrong + without.wrong, with.answered_by[0], with.answered_by[1],
             percentile(with, 0.5), percentile(with, 0.99), percentile(without, 0.5),
             percentile(without, 0.99), fmt::join(ratios, ", "), seconds, 1e3 * longest_s);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) give_up("expected PORT MODEL BODY SWAPS CONNECTIONS PAUSE_MS");
  Settings settings;
  settings.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  settings.model = argv[2];
  const auto requests = bench::read_requests("/endpoints/" + settings.model + "/score", argv[3]);
  if (requests.empty()) give_up(fmt::format("{}: expected a line with a request", argv[3]));
  settings.request = requests.front();
  settings.swaps = std::atoi(argv[4]);
  settings.connections = std::atoi(argv[5]);
  settings.pause = std::chrono::milliseconds(std::atoi(argv[6]));
  run(settings);
  return 0;
}
