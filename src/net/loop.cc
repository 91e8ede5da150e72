#include "net/loop.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include <fmt/format.h>

#include "net/connection.h"
#include "net/opening_connection.h"
#include "net/tls_stream.h"
#include "threads/promptness.h"

namespace net {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

constexpr std::size_t kScratchBytes = 64 << 10;
constexpr std::string_view kDateName = "Date: ";
constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// A quarter of the shortest deadline, so that none is overrun by more than that.
milliseconds sweep_period(const Limits& limits) {
  const milliseconds shortest =
      std::min({limits.header_time_max, limits.idle_time_max, limits.rate_grace});
  return std::clamp(shortest / 4, milliseconds(5), milliseconds(250));
}

// IMF-fixdate (RFC 9110 5.6.7).
std::string format_date(std::int64_t seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm utc{};
  ::gmtime_r(&time, &utc);
  return fmt::format("{}{}, {:02} {} {} {:02}:{:02}:{:02} GMT\r\n", kDateName, kDays[utc.tm_wday],
                     utc.tm_mday, kMonths[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min,
                     utc.tm_sec);
}

}  // namespace

Loop::Loop(std::shared_ptr<ServerState> server)
    : server_(std::move(server)),
      guard_(asio::make_work_guard(io_)),
      timer_(io_),
      period_(sweep_period(server_->limits)),
      scratch_(kScratchBytes) {}

void Loop::run() {
  thread_ = std::this_thread::get_id();
  threads::be_prompt();
  io_.run();
}

void Loop::read_clocks() {
  now_ = Clock::now();
  if (!server_->wall_seconds) return;
  const std::int64_t seconds = server_->wall_seconds();
  if (seconds == date_seconds_) return;
  date_seconds_ = seconds;
  date_field_ = format_date(seconds);
}

void Loop::adopt(asio::ip::tcp::socket socket, const asio::ip::address& from,
                 ConnectionTable::Entry entry) {
  if (!ticking_) read_clocks();
  boost::system::error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  auto stream = server_->tls ? make_tls_stream(std::move(socket), *server_->tls->read())
                             : make_plain_stream(std::move(socket));
  auto connection = std::make_shared<OpeningConnection>(
      Accepted(shared_from_this(), std::move(stream), from, entry));
  connection->place_ = connections_.size();
  connections_.push_back(connection);
  tick();
  if (draining_) {
    connection->close();
  } else {
    connection->start();
  }
}

// May be told of one that it does not hold any more.
void Loop::remove(Connection& connection) {
  const std::size_t place = connection.place_;
  if (place >= connections_.size() || connections_[place].get() != &connection) return;
  connections_.back()->place_ = place;
  std::swap(connections_[place], connections_.back());
  connections_.pop_back();
  if (connections_.empty()) timer_.cancel();
}

void Loop::replace(Connection& connection, std::shared_ptr<Connection> next) {
  const std::size_t place = connection.place_;
  if (place >= connections_.size() || connections_[place].get() != &connection) return;
  next->place_ = place;
  connections_[place] = std::move(next);
}

void Loop::tick() {
  if (ticking_ || connections_.empty()) return;
  ticking_ = true;
  timer_.expires_after(period_);
  timer_.async_wait([this](const boost::system::error_code& error) {
    ticking_ = false;
    if (!error) sweep();
    tick();
  });
}

void Loop::sweep() {
  read_clocks();
  const std::uint64_t revision = server_->handler.revision();
  const bool news = std::exchange(revision_, revision) != revision;
  // A connection that its sweep removes puts another in its place, so count from the end.
  for (std::size_t i = connections_.size(); i-- > 0;) {
    const auto connection = connections_[i];
    if (news) connection->ask_followed();
    connection->sweep();
  }
}

std::string_view Loop::date() const {
  const std::string_view field = date_field_;
  return field.empty() ? field
                       : field.substr(kDateName.size(), field.size() - kDateName.size() - 2);
}

void Loop::retire() {
  for (std::size_t i = connections_.size(); i-- > 0;) {
    const auto connection = connections_[i];
    connection->retire();
  }
  guard_.reset();
}

void Loop::drain() {
  draining_ = true;
  for (std::size_t i = connections_.size(); i-- > 0;) {
    const auto connection = connections_[i];
    connection->drain();
  }
  guard_.reset();
}

void Loop::close_all() {
  for (std::size_t i = connections_.size(); i-- > 0;) {
    const auto connection = connections_[i];
    connection->close();
  }
}

}  // namespace net
