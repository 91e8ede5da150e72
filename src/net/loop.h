#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/body_memory.h"
#include "net/connection_table.h"
#include "net/exchange.h"
#include "net/limits.h"
#include "net/tls_context.h"
#include "threads/snapshot.h"

namespace net {

class Connection;

// What all loops of a server share.
struct ServerState {
  ServerState(Limits given, Handler& serving, std::size_t connections_max,
              std::uint64_t bodies_bytes_max)
      : limits(given),
        handler(serving),
        table(connections_max, given.connections_per_source_max),
        bodies(bodies_bytes_max) {}

  const Limits limits;
  Handler& handler;
  std::function<std::int64_t()> wall_seconds;
  std::shared_ptr<const threads::Snapshot<TlsContext>> tls;  // Null: HTTP as it is.
  ConnectionTable table;
  BodyMemory bodies;
  std::atomic<std::uint64_t> accepted = 0;
  std::atomic<std::uint64_t> connections_refused = 0;
  std::atomic<std::uint64_t> requests_refused = 0;
  std::atomic<std::uint64_t> slow_heads = 0;
  std::atomic<std::uint64_t> slow_bodies = 0;
  std::atomic<std::uint64_t> slow_readers = 0;
  std::atomic<std::uint64_t> reset_floods = 0;
  std::atomic<std::uint64_t> frame_floods = 0;
  std::atomic<std::uint64_t> bodies_refused = 0;
  std::atomic<std::uint64_t> accept_backoffs = 0;
  std::atomic<std::uint64_t> handshakes_failed = 0;
  std::atomic<std::uint64_t> redirects = 0;
  std::atomic<std::uint64_t> followers = 0;          // Now.
  std::atomic<std::uint64_t> further_followers = 0;  // Of these, beyond one of each connection.
  std::atomic<std::uint64_t> followers_refused = 0;
  // The server is stopping: every answer from now on is its connection's last. One for all loops,
  // so that none still promises to keep a connection while another has already begun to close.
  std::atomic<bool> retiring = false;
};

// The event loop of one I/O thread and the connections that live on it. Everything but io() and
// on_thread() belongs to that thread. Deadlines are kept by one sweep over the connections a few
// times a second, so that a request sets no timer and reads no clock; with no connections
// nothing ticks. Connections keep the loop alive: one may be finished after the server is gone.
class Loop : public std::enable_shared_from_this<Loop> {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Loop(std::shared_ptr<ServerState> server);

  boost::asio::io_context& io() { return io_; }
  bool on_thread() const { return std::this_thread::get_id() == thread_; }
  ServerState& server() { return *server_; }

  // Runs until drain() has been called and no connection is left.
  void run();

  // Takes an accepted socket over. `entry` is left when the connection goes.
  void adopt(boost::asio::ip::tcp::socket socket, const boost::asio::ip::address& from,
             ConnectionTable::Entry entry);
  void remove(Connection& connection);
  // Holds `next` instead.
  void replace(Connection& connection, std::shared_ptr<Connection> next);

  // Ends when no connection is left. Each gets one more answer, the last (ServerState::retiring);
  // those that wait for a request may still send it, so that nobody's request crosses with the end
  // of its connection.
  void retire();
  // Finishes what is in flight and takes no more.
  void drain();
  // Cuts off what is left.
  void close_all();

  bool draining() const { return draining_; }
  Clock::time_point now() const { return now_; }  // As of the last sweep.
  const std::string& date_field() const { return date_field_; }
  // The value of that field alone; "" without a clock.
  std::string_view date() const;
  std::span<char> scratch() { return scratch_; }  // For bytes that nobody wants.

 private:
  void tick();
  void sweep();
  void read_clocks();

  const std::shared_ptr<ServerState> server_;
  boost::asio::io_context io_{1};
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> guard_;
  boost::asio::steady_timer timer_;
  const std::chrono::milliseconds period_;
  std::vector<std::shared_ptr<Connection>> connections_;
  std::vector<char> scratch_;
  std::string date_field_;
  std::int64_t date_seconds_ = -1;
  Clock::time_point now_;
  std::uint64_t revision_ = 0;  // Of what the handler answers, as of the last sweep.
  std::thread::id thread_;
  bool ticking_ = false;
  bool draining_ = false;
};

}  // namespace net
