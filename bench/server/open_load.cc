// An open-loop load generator for HTTP/1.1: requests leave at moments that are fixed beforehand,
// whatever became of those before them, and their latency counts from that moment. One thread,
// which spins before a moment comes: give it a processor of its own.
//
//   sooth_open_load PORT PATH BODIES CONNECTIONS PATIENCE WAITS GAPS PLAN RECORDS ANSWER
//
// WAITS is `spinning` or `sleeping`: who sleeps until an answer comes has to be woken, and that is
// paid for by the processor that sends the answer, which over a network it would not be.
// BODIES has one request body a line, sent in turn. A request takes a connection that is idle; with
// all CONNECTIONS busy it is not sent. What has no answer PATIENCE seconds after it was meant is
// given up and its connection closed. GAPS is `random` (a Poisson process with a fixed seed) or
// `even`. PLAN is a list of RATExSECONDS with commas between them. RECORDS gets three doubles and a
// status for each request: when it was meant, sent and answered, in seconds, all as doubles; a
// status of 0 was not answered, one of -1 not sent. Bodies of answers of 200 must all be the bytes
// that are written to ANSWER. Prints one line of JSON.
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "http_answer.h"
#include "loopback.h"

namespace {

using bench::now;

struct Settings {
  std::uint16_t port = 0;
  std::vector<std::string> requests;
  std::size_t connections = 0;
  double patience_s = 0;
  bool spins = false;
};

struct Record {
  double meant = 0;
  double sent = 0;
  double done = 0;
  double status = 0;
};

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

struct Connection {
  int socket = -1;
  std::size_t record = kNone;  // What it is busy with.
  std::size_t written = 0;
  bool waits_to_write = false;
  std::string received;
};

// The moments of all requests, in seconds from the start.
std::vector<Record> make_plan(const std::string& text, bool random) {
  std::mt19937_64 chance(7);
  std::vector<Record> records;
  std::istringstream phases(text);
  double begin = 0;
  for (std::string phase; std::getline(phases, phase, ',');) {
    const double rate = std::atof(phase.c_str());
    const double seconds = std::atof(phase.c_str() + phase.find('x') + 1);
    std::exponential_distribution<double> gap(rate);
    const auto next = [&] { return random ? gap(chance) : 1 / rate; };
    for (double at = begin + next(); at < begin + seconds; at += next()) {
      Record record;
      record.meant = at;
      records.push_back(record);
    }
    begin += seconds;
  }
  return records;
}

class OpenLoad {
 public:
  OpenLoad(const Settings& settings, std::vector<Record> plan)
      : settings_(settings),
        records_(std::move(plan)),
        owners_(records_.size(), kNone),
        epoll_(epoll_create1(0)),
        connections_(settings.connections) {}

  void run() {
    for (std::size_t i = connections_.size(); i-- > 0;) {
      open(i);
      idle_.push_back(i);
    }
    started_ = now();
    const double last = records_.empty() ? 0 : records_.back().meant;
    std::array<epoll_event, 256> events{};
    while (next_ < records_.size() || (waiting_ > 0 && elapsed() < last + settings_.patience_s)) {
      offer_due();
      give_up();
      const timespec wait = until_next();
      const int count =
          epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &wait, nullptr);
      for (int i = 0; i < count; ++i) handle(events[static_cast<std::size_t>(i)]);
    }
  }

  void write_records(const std::string& path) const {
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(records_.data()),
               static_cast<std::streamsize>(records_.size() * sizeof(Record)));
  }
  const std::string& answer() const { return answer_; }
  std::string summary() const {
    return fmt::format(R"({{"offered": {}, "different": {}, "reconnects": {}, "late_ms": {:.3f}}})",
                       records_.size(), different_, reconnects_, 1e3 * late_);
  }

 private:
  double elapsed() const { return now() - started_; }

  // How long to sleep for answers before it is time to spin.
  timespec until_next() const {
    constexpr double kSpinS = 100e-6;
    constexpr double kSleepMaxS = 10e-3;
    double wait = settings_.spins ? 0 : kSleepMaxS;
    if (next_ < records_.size()) wait = std::min(wait, records_[next_].meant - elapsed() - kSpinS);
    return {.tv_sec = 0, .tv_nsec = static_cast<long>(1e9 * std::max(wait, 0.0))};
  }

  void offer_due() {
    while (next_ < records_.size() && records_[next_].meant <= elapsed()) {
      Record& record = records_[next_];
      record.sent = elapsed();
      late_ = std::max(late_, record.sent - record.meant);
      if (idle_.empty()) {
        record.status = -1;
      } else {
        start(next_, idle_.back());
      }
      ++next_;
    }
  }

  void start(std::size_t record, std::size_t at) {
    idle_.pop_back();
    Connection& connection = connections_[at];
    connection.record = record;
    connection.written = 0;
    owners_[record] = at;
    ++waiting_;
    write(at);
  }

  // What nobody waits for any more. Requests leave in the order of their moments.
  void give_up() {
    const double before = elapsed() - settings_.patience_s;
    for (; oldest_ < next_ && records_[oldest_].meant < before; ++oldest_) {
      const std::size_t at = owners_[oldest_];
      if (at == kNone || connections_[at].record != oldest_) continue;
      reopen(at);
      settle(at, 0);
    }
  }

  void settle(std::size_t at, int status) {
    Connection& connection = connections_[at];
    Record& record = records_[connection.record];
    record.done = elapsed();
    record.status = status;
    connection.record = kNone;
    --waiting_;
    idle_.push_back(at);
  }

  void open(std::size_t at) {
    Connection& connection = connections_[at];
    connection.socket = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    bench::send_at_once(connection.socket);
    // Ports of thousands of connections must not linger.
    const linger gone{1, 0};
    setsockopt(connection.socket, SOL_SOCKET, SO_LINGER, &gone, sizeof gone);
    const sockaddr_in address = bench::loopback(settings_.port);
    const int connected =
        connect(connection.socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    if (connected != 0 && errno != EINPROGRESS) {
      fmt::print(stderr, "sooth_open_load: 127.0.0.1:{}: cannot connect\n", settings_.port);
      std::exit(1);
    }
    connection.waits_to_write = false;
    watch(at, EPOLL_CTL_ADD, EPOLLIN);
  }

  void watch(std::size_t at, int how, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = at;
    epoll_ctl(epoll_, how, connections_[at].socket, &event);
  }

  void reopen(std::size_t at) {
    close(connections_[at].socket);
    connections_[at].received.clear();
    ++reconnects_;
    open(at);
  }

  const std::string& request_of(const Connection& connection) const {
    return settings_.requests[connection.record % settings_.requests.size()];
  }

  void write(std::size_t at) {
    Connection& connection = connections_[at];
    const std::string_view rest =
        std::string_view(request_of(connection)).substr(connection.written);
    const ssize_t count = send(connection.socket, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (count > 0) connection.written += static_cast<std::size_t>(count);
    const bool waits = connection.written < request_of(connection).size();
    if (waits == connection.waits_to_write) return;
    connection.waits_to_write = waits;
    watch(at, EPOLL_CTL_MOD, waits ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }

  void handle(const epoll_event& event) {
    const auto at = static_cast<std::size_t>(event.data.u64);
    Connection& connection = connections_[at];
    if ((event.events & EPOLLOUT) != 0 && connection.record != kNone) write(at);
    if ((event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) receive(at);
  }

  void receive(std::size_t at) {
    Connection& connection = connections_[at];
    const ssize_t count = recv(connection.socket, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) {
      reopen(at);
      // A server may close what was idle; else the request has failed.
      if (connection.record != kNone) settle(at, 0);
      return;
    }
    connection.received.append(buffer_.data(), static_cast<std::size_t>(count));
    const auto answer = bench::parse_answer(connection.received);
    if (!answer || connection.record == kNone) return;
    if (answer->status == 200) check(answer->body);
    const int status = answer->status;
    const bool closes = answer->closes;
    connection.received.clear();
    if (closes) reopen(at);
    settle(at, status);
  }

  void check(std::string_view body) {
    if (answer_.empty()) {
      answer_ = body;
    } else if (answer_ != body) {
      ++different_;
    }
  }

  const Settings& settings_;
  std::vector<Record> records_;
  std::vector<std::size_t> owners_;  // The connection of each record.
  int epoll_;
  std::vector<Connection> connections_;
  std::vector<std::size_t> idle_;
  std::array<char, 65536> buffer_{};
  std::string answer_;
  std::size_t next_ = 0;
  std::size_t oldest_ = 0;
  std::size_t waiting_ = 0;
  std::uint64_t different_ = 0;
  std::uint64_t reconnects_ = 0;
  double late_ = 0;  // By which this program missed a moment.
  double started_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 11) {
    fmt::print(stderr,
               "usage: sooth_open_load PORT PATH BODIES CONNECTIONS PATIENCE spinning|sleeping "
               "random|even PLAN RECORDS ANSWER\n");
    return 2;
  }
  Settings settings;
  settings.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  settings.requests = bench::read_requests(argv[2], argv[3]);
  settings.connections = static_cast<std::size_t>(std::atoi(argv[4]));
  settings.patience_s = std::atof(argv[5]);
  settings.spins = std::string_view(argv[6]) == "spinning";
  if (settings.requests.empty()) {
    fmt::print(stderr, "sooth_open_load: {}: expected a request body on each line\n", argv[3]);
    return 1;
  }
  // Sleeps end when they are to, not 50 us later.
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  OpenLoad load(settings, make_plan(argv[8], std::string_view(argv[7]) == "random"));
  load.run();
  load.write_records(argv[9]);
  std::ofstream(argv[10]) << load.answer();
  fmt::print("{}\n", load.summary());
  return 0;
}
