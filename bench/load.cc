// A closed-loop load generator for HTTP/1.1: one thread, epoll, keep-alive, every latency kept.
//
//   sooth_load PORT PATH BODIES CONNECTIONS SECONDS ANSWERS
//
// BODIES has one request body a line, sent in turn over all connections. The first answer to each
// is written to the file ANSWERS, a line each; every later one must be the same bytes. A server
// that closes its connections is connected to again. Prints one line of JSON.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace {

double now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

struct Response {
  int status = 0;
  std::string_view body;
  bool closes = false;
};

std::optional<std::string_view> find_header(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos;
       at = head.find("\r\n", at + 2)) {
    const std::string_view line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    if (line.size() <= name.size() || line[name.size()] != ':') continue;
    if (strncasecmp(line.data(), name.data(), name.size()) != 0) continue;
    const std::size_t value = line.find_first_not_of(' ', name.size() + 1);
    return value == std::string_view::npos ? "" : line.substr(value);
  }
  return std::nullopt;
}

// Nothing while it is not all there. Understands Content-Length only.
std::optional<Response> parse(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos || end < 12) return std::nullopt;
  const std::string_view head = bytes.substr(0, end);
  Response response;
  std::from_chars(head.data() + 9, head.data() + 12, response.status);
  std::size_t length = 0;
  if (const auto value = find_header(head, "content-length"))
    std::from_chars(value->data(), value->data() + value->size(), length);
  if (bytes.size() < end + 4 + length) return std::nullopt;
  response.body = bytes.substr(end + 4, length);
  const auto connection = find_header(head, "connection");
  response.closes = connection && strncasecmp(connection->data(), "close", 5) == 0;
  return response;
}

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
    const int on = 1;
    setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(settings_.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(connection.socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
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

  // Requests are far smaller than a socket's buffer, so one call takes them whole.
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
    const auto response = parse(connection.received);
    if (!response) return;
    latencies_.push_back(now() - connection.sent_at);
    check(connection.request, *response);
    const bool closes = response->closes;
    connection.received.clear();
    if (closes) reopen(connection);
    send_next(connection);
  }

  void check(std::size_t request, const Response& response) {
    if (response.status != 200) ++errors_;
    std::string& first = answers_[request];
    if (first.empty()) {
      first = response.body;
    } else if (first != response.body) {
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

std::vector<std::string> read_requests(const std::string& path, const std::string& bodies) {
  std::vector<std::string> requests;
  std::ifstream file(bodies);
  for (std::string body; std::getline(file, body);)
    requests.push_back(
        fmt::format("POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                    "application/json\r\nContent-Length: {}\r\n\r\n{}",
                    path, body.size(), body));
  return requests;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) {
    fmt::print(stderr, "usage: sooth_load PORT PATH BODIES CONNECTIONS SECONDS ANSWERS\n");
    return 2;
  }
  Settings settings;
  settings.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  settings.requests = read_requests(argv[2], argv[3]);
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
