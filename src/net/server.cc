#include "net/server.h"

#include <condition_variable>
#include <list>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <sys/resource.h>

#include <fmt/format.h>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

#include "net/acceptor.h"
#include "net/loop.h"
#include "threads/guarded.h"
#include "threads/memory.h"

namespace net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kAcceptBackoff{20};
// What closing sockets takes, once nothing is waited for any more.
constexpr milliseconds kCutOffTime{250};

Means means_of_process() {
  rlimit limit{};
  const bool known = ::getrlimit(RLIMIT_NOFILE, &limit) == 0;
  return {.descriptors = known ? limit.rlim_cur : 1024, .memory_bytes = threads::detect_memory()};
}

std::shared_ptr<ServerState> make_state(const Limits& limits, Handler& handler) {
  const Means means = means_of_process();
  return std::make_shared<ServerState>(limits, handler,
                                       connections_within(limits.connections_max, means),
                                       bodies_within(limits.bodies_bytes_max, means));
}

}  // namespace

class Server::Impl {
 public:
  Impl(Options options, Handler& handler) : state_(make_state(options.limits, handler)) {
    state_->wall_seconds = std::move(options.wall_seconds);
    state_->tls = std::move(options.tls);
    for (std::size_t i = 0; i < options.threads; ++i) {
      loops_.push_back(std::make_shared<Loop>(state_));
    }
  }

  // NOLINTNEXTLINE(bugprone-exception-escape): only bad_alloc, which terminates.
  ~Impl() {
    stop(steady_clock::time_point(), steady_clock::time_point());
    threads_.clear();
  }

  base::Result<void> open(const Options& options) {
    const bool safe =
        (state_->tls != nullptr || options.cleartext) && state_->handler.authenticates();
    std::optional<base::Error> refused;
    const auto take = [&](base::Result<tcp::acceptor> acceptor) {
      if (acceptor.ok()) {
        doors_.emplace_back(loops_.front()->io(), *std::move(acceptor));
      } else if (!refused) {
        refused = std::move(acceptor).error();
      }
    };
    auto& io = loops_.front()->io();
    // Each is taken over, also behind one that is refused.
    for (const int each : options.adopted) take(adopt_acceptor(io, each, safe));
    if (options.adopted.empty()) take(open_acceptor(io, options.address, options.port, safe));
    if (refused) return *std::move(refused);
    error_code ignored;
    local_ = doors_.front().acceptor.local_endpoint(ignored);
    return {};
  }

  base::Result<void> start() {
    for (Door& door : doors_) accept(door);
    try {
      for (const auto& loop : loops_) {
        ++*running_.lock();
        threads_.emplace_back([this, loop] { run(*loop); });
      }
    } catch (const std::system_error& error) {
      --*running_.lock();
      return base::Error(base::Code::Exhausted, fmt::format("I/O thread: {}", error.what()));
    }
    return {};
  }

  // What is posted to a loop that has ended is never run, so it must not own the loop.
  bool stop(steady_clock::time_point deadline, steady_clock::time_point idle_until) {
    const bool gently = idle_until > steady_clock::now();
    asio::post(loops_.front()->io(), [this, gently] { close_doors(gently); });
    if (gently) {
      if (wait_until_ended(idle_until)) return true;
      for (const auto& loop : loops_) asio::post(loop->io(), [l = loop.get()] { l->drain(); });
    }
    if (wait_until_ended(deadline)) return true;
    for (const auto& loop : loops_) asio::post(loop->io(), [l = loop.get()] { l->close_all(); });
    wait_until_ended(steady_clock::now() + kCutOffTime);
    return false;
  }

  const tcp::endpoint& local() const { return local_; }
  const ServerState& state() const { return *state_; }

 private:
  void run(Loop& loop) {
    loop.run();
    auto running = running_.lock();
    --*running;
    ended_.notify_all();
  }

  bool wait_until_ended(steady_clock::time_point deadline) {
    return running_.lock().wait_until(ended_, deadline, [](int running) { return running == 0; });
  }

  // A socket that listens, and where to wait when it cannot be accepted from.
  struct Door {
    Door(asio::io_context& io, tcp::acceptor from) : acceptor(std::move(from)), backoff(io) {}
    tcp::acceptor acceptor;
    asio::steady_timer backoff;
    tcp::endpoint peer;
  };

  void accept(Door& door) {
    Loop& loop = next_loop();
    door.acceptor.async_accept(loop.io(), door.peer,
                               [this, &door, &loop](const error_code& error, tcp::socket socket) {
                                 if (!error) deal(loop, std::move(socket), door.peer);
                                 if (closed_) return;
                                 if (!error) {
                                   accept(door);
                                 } else {
                                   // Out of descriptors or memory: trying again at once would only
                                   // burn processor time.
                                   state_->accept_backoffs.fetch_add(1, std::memory_order_relaxed);
                                   accept_later(door);
                                 }
                               });
  }

  void accept_later(Door& door) {
    door.backoff.expires_after(kAcceptBackoff);
    door.backoff.async_wait([this, &door](const error_code& error) {
      if (!closed_ && !error) accept(door);
    });
  }

  // Whoever is connected by now is served: where another process holds the socket, nobody else may
  // accept from it any more.
  void close_doors(bool gently) {
    for (Door& door : doors_) {
      if (closed_) break;
      door.backoff.cancel();
      error_code error;
      door.acceptor.non_blocking(true, error);
      while (!error) {
        Loop& loop = next_loop();
        tcp::socket socket(loop.io());
        tcp::endpoint peer;  // Not the door's: another may have been accepted and not dealt yet.
        door.acceptor.accept(socket, peer, error);
        if (!error) deal(loop, std::move(socket), peer);
      }
      door.acceptor.close(error);
    }
    closed_ = true;
    state_->retiring.store(true, std::memory_order_relaxed);
    // Behind what was accepted just before and still has to be dealt.
    asio::post(loops_.front()->io(), [this, gently] {
      for (const auto& loop : loops_) {
        asio::post(loop->io(), [l = loop.get(), gently] { gently ? l->retire() : l->drain(); });
      }
    });
  }

  Loop& next_loop() {
    Loop& loop = *loops_[next_];
    next_ = (next_ + 1) % loops_.size();
    return loop;
  }

  // Gives an accepted socket to the loop that it was accepted for: what it waits for is that
  // loop's work, which ends when nothing of it is left.
  void deal(Loop& to, tcp::socket socket, const tcp::endpoint& peer) {
    Loop* const loop = &to;
    state_->accepted.fetch_add(1, std::memory_order_relaxed);
    const auto from = peer.address();
    const auto entry = state_->table.enter(ConnectionTable::source_of(from));
    if (entry != ConnectionTable::Entry::Served) {
      state_->connections_refused.fetch_add(1, std::memory_order_relaxed);
    }
    if (entry == ConnectionTable::Entry::Dropped) return;
    if (entry == ConnectionTable::Entry::Refused && state_->tls != nullptr) {
      // To say so, TLS would have to be agreed on, which costs more than most requests.
      state_->table.leave(ConnectionTable::source_of(from), entry);
      return;
    }
    asio::dispatch(loop->io(), [loop, from, entry, taken = std::move(socket)]() mutable {
      loop->adopt(std::move(taken), from, entry);
    });
  }

  const std::shared_ptr<ServerState> state_;
  std::vector<std::shared_ptr<Loop>> loops_;
  // Of the first loop's thread.
  std::list<Door> doors_;
  std::size_t next_ = 0;
  bool closed_ = false;

  tcp::endpoint local_;
  threads::Guarded<int> running_{0};
  std::condition_variable ended_;
  std::vector<std::jthread> threads_;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

base::Result<std::unique_ptr<Server>> Server::listen(Options options, Handler& handler) {
  if (options.threads < 1 || options.threads > kThreadsMax) {
    return base::Error(base::Code::Invalid, fmt::format("I/O threads: expected 1 to {}, got {}",
                                                        kThreadsMax, options.threads));
  }
  auto impl = std::make_unique<Impl>(options, handler);
  TRY(impl->open(options));
  TRY(impl->start());
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

std::string Server::address() const { return impl_->local().address().to_string(); }
std::uint16_t Server::port() const { return impl_->local().port(); }

ServerCounts Server::counts() const {
  const ServerState& state = impl_->state();
  const std::uint64_t slow_heads = state.slow_heads.load();
  const std::uint64_t slow_bodies = state.slow_bodies.load();
  const std::uint64_t slow_readers = state.slow_readers.load();
  return {.accepted = state.accepted.load(),
          .connections = state.table.served(),
          .connections_refused = state.connections_refused.load(),
          .requests_refused = state.requests_refused.load(),
          .timeouts = slow_heads + slow_bodies + slow_readers,
          .slow_heads = slow_heads,
          .slow_bodies = slow_bodies,
          .slow_readers = slow_readers,
          .reset_floods = state.reset_floods.load(),
          .frame_floods = state.frame_floods.load(),
          .bodies_refused = state.bodies_refused.load(),
          .bodies_bytes = state.bodies.bytes(),
          .accept_backoffs = state.accept_backoffs.load(),
          .handshakes_failed = state.handshakes_failed.load(),
          .redirects = state.redirects.load(),
          .followers = state.followers.load(),
          .followers_refused = state.followers_refused.load()};
}

bool Server::stop(Time deadline) { return impl_->stop(deadline, Time()); }
bool Server::stop(Time deadline, Time idle_until) { return impl_->stop(deadline, idle_until); }

}  // namespace net
