// A closed-loop load generator for HTTP/1.1: one thread, epoll, keep-alive, every latency kept.
//
//   sooth_load PORT PATH BODIES CONNECTIONS SECONDS ANSWERS
//
// BODIES has one request body a line, or is a folder of bodies, sent in turn over all connections.
// The first answer to each is written to the file ANSWERS, a line each; every later one must be the
// same bytes. A server that closes its connections is connected to again. Prints one line of JSON.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "http_answer.h"
#include "loopback.h"

namespace {

using bench::now;
using bench::parse_answer;

struct Settings {
  std::uint16_t port = 0;
  std::vector<std::string> requests;
  std::size_t connections = 0;
  double seconds = 0;
};

struct Connection {
  int socket = -1;
  std::size_t request = 0;
  double sent_at = 0;
  std::string received;
};

class Load {
 public:
  explicit Load(const Settings& settings)
      : settings_(settings),
        epoll_(epoll_create1(0)),
        connections_(settings.connections),
        answers_(settings.requests.size()) {}

  void run() {
    started_ = now();
    for (Connection& connection : connections_) {
      open(connection);
      send_next(connection);
    }
    std::array<epoll_event, 64> events{};
    while (now() < started_ + settings_.seconds) {
      const int count = epoll_wait(epoll_, events.data(), events.size(), 100);
      for (int i = 0; i < count; ++i)
        receive(connections_[events[static_cast<std::size_t>(i)].data.u64]);
    }
    elapsed_ = now() - started_;
  }

  void write_answers(const std::string& path) const {
    std::ofstream file(path);
    for (const std::string& answer : answers_) file << answer << '\n';
  }

  std::string summary() {
    std::sort(latencies_.begin(), latencies_.end());
    const auto count = static_cast<double>(latencies_.size());
    return fmt::format(R"({{"answers": {}, "per_s": {:.3f}, "p50_ms": {:.4f}, "p99_ms": {:.4f}, )"
                       R"("max_ms": {:.4f}, "errors": {}, "different": {}, "reconnects": {}}})",
                       latencies_.size(), count / elapsed_, percentile_ms(0.5), percentile_ms(0.99),
                       percentile_ms(1), errors_, different_, reconnects_);
  }

 private:
  double percentile_ms(double share) const {
    if (latencies_.empty()) return 0;
    const auto last = static_cast<double>(latencies_.size() - 1);
    return 1e3 * latencies_[static_cast<std::size_t>(share * last + 0.5)];
  }

  // A blocking connect: on one machine it is over before anything else could be done.
  void open(Connection& connection) {
    connection.socket = socket(AF_INET, SOCK_STREAM, 0);
    bench::send_at_once(connection.socket);
    constexpr int kBufferBytes = 1 << 20;  // For a picture.
    setsockopt(connection.socket, SOL_SOCKET, SO_SNDBUF, &kBufferBytes, sizeof kBufferBytes);
    const sockaddr_in address = bench::loopback(settings_.port);
    if (connect(connection.socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
        0) {
      fmt::print(stderr, "sooth_load: 127.0.0.1:{}: cannot connect\n", settings_.port);
      std::exit(1);
    }
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = static_cast<std::uint64_t>(&connection - connections_.data());
    epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.socket, &event);
  }

  void reopen(Connection& connection) {
    close(connection.socket);
    connection.received.clear();
    ++reconnects_;
    open(connection);
  }

  void send_next(Connection& connection) {
    connection.request = next_++ % settings_.requests.size();
    connection.sent_at = now();
    send_again(connection);
  }

  // Requests are smaller than a socket's buffer, so one call takes them whole.
  void send_again(Connection& connection) {
    const std::string& bytes = settings_.requests[connection.request];
    if (send(connection.socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) ++errors_;
  }

  void receive(Connection& connection) {
    std::array<char, 65536> bytes;
    const ssize_t count = recv(connection.socket, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) {  // Closed before it answered: the same request again.
      ++errors_;
      reopen(connection);
      send_again(connection);
      return;
    }
    connection.received.append(bytes.data(), static_cast<std::size_t>(count));
    const auto answer = parse_answer(connection.received);
    if (!answer) return;
    latencies_.push_back(now() - connection.sent_at);
    check(connection.request, *answer);
    const bool closes = answer->closes;
    connection.received.clear();
    if (closes) reopen(connection);
    send_next(connection);
  }

  void check(std::size_t request, const bench::Answer& answer) {
    if (answer.status != 200) ++errors_;
    std::string& first = answers_[request];
    if (first.empty()) {
      first = answer.body;
    } else if (first != answer.body) {
      ++different_;
    }
  }

  const Settings& settings_;
  int epoll_;
  std::vector<Connection> connections_;
  std::vector<std::string> answers_;
  std::vector<double> latencies_;
  std::size_t next_ = 0;
  std::uint64_t errors_ = 0;
  std::uint64_t different_ = 0;
  std::uint64_t reconnects_ = 0;
  double started_ = 0;
  double elapsed_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) {
    fmt::print(stderr, "usage: sooth_load PORT PATH BODIES CONNECTIONS SECONDS ANSWERS\n");
    return 2;
  }
  Settings settings;
  settings.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  settings.requests = bench::read_requests(argv[2], argv[3]);
  settings.connections = static_cast<std::size_t>(std::atoi(argv[4]));
  settings.seconds = std::atof(argv[5]);
  if (settings.requests.empty()) {
    fmt::print(stderr, "sooth_load: {}: expected a request body on each line\n", argv[3]);
    return 1;
  }
  Load load(settings);
  load.run();
  load.write_answers(argv[6]);
  fmt::print("{}\n", load.summary());
  return 0;
}
