#include "net/server.h"

#include <condition_variable>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <sys/resource.h>

#include <fmt/format.h>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

#include "base/text.h"
#include "net/loop.h"
#include "threads/guarded.h"

namespace net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kThreadsMax = 256;
constexpr milliseconds kAcceptBackoff{20};
// What closing sockets takes, once nothing is waited for any more.
constexpr milliseconds kCutOffTime{250};

std::uint64_t descriptors_max() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  return limit.rlim_cur;
}

base::Error listen_error(const std::string& address, std::uint16_t port, const error_code& error) {
  const base::Code code =
      error == asio::error::address_in_use ? base::Code::Conflict : base::Code::Unavailable;
  return {code, fmt::format("listen on {}:{}: {}", address, port, error.message())};
}

// Where to listen: on loopback, or anywhere where strangers are kept out and cannot listen in.
base::Result<asio::ip::address> check_address(const std::string& text, bool safe) {
  error_code error;
  const auto address = asio::ip::make_address(text, error);
  if (error) {
    return base::Error(base::Code::Invalid,
                       fmt::format("listen address {}: expected an IP address", base::quote(text)));
  }
  if (!address.is_loopback() && !safe) {
    return base::Error(base::Code::Denied,
                       fmt::format("listen address {}: expected a loopback address such as "
                                   "127.0.0.1; any other needs keys and TLS: --keys, --tls-cert "
                                   "and --tls-key, or --cleartext behind a proxy that ends TLS",
                                   base::quote(text)));
  }
  return address;
}

}  // namespace

class Server::Impl {
 public:
  Impl(Options options, Handler& handler)
      : state_(std::make_shared<ServerState>(
            options.limits, handler,
            connections_within(options.limits.connections_max, descriptors_max()))) {
    state_->wall_seconds = std::move(options.wall_seconds);
    state_->tls = std::move(options.tls);
    for (std::size_t i = 0; i < options.threads; ++i) {
      loops_.push_back(std::make_shared<Loop>(state_));
    }
    acceptor_.emplace(loops_.front()->io());
    backoff_.emplace(loops_.front()->io());
  }

  // NOLINTNEXTLINE(bugprone-exception-escape): only bad_alloc, which terminates.
  ~Impl() {
    stop(steady_clock::time_point());
    threads_.clear();
  }

  base::Result<void> open(const Options& options) {
    const bool safe =
        (state_->tls != nullptr || options.cleartext) && state_->handler.authenticates();
    TRY_ASSIGN(const auto address, check_address(options.address, safe));
    const tcp::endpoint endpoint(address, options.port);
    error_code error;
    acceptor_->open(endpoint.protocol(), error);
    if (!error) acceptor_->set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_->bind(endpoint, error);
    if (!error) acceptor_->listen(asio::socket_base::max_listen_connections, error);
    if (error) return listen_error(options.address, options.port, error);
    port_ = acceptor_->local_endpoint(error).port();
    return {};
  }

  base::Result<void> start() {
    accept();
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
  bool stop(steady_clock::time_point deadline) {
    asio::post(loops_.front()->io(), [this] {
      accepting_ = false;
      acceptor_.reset();
      backoff_.reset();
    });
    for (const auto& loop : loops_) asio::post(loop->io(), [l = loop.get()] { l->drain(); });
    const bool finished = wait_until_ended(deadline);
    if (finished) return true;
    for (const auto& loop : loops_) asio::post(loop->io(), [l = loop.get()] { l->close_all(); });
    wait_until_ended(steady_clock::now() + kCutOffTime);
    return false;
  }

  std::uint16_t port() const { return port_; }
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

  void accept() {
    Loop& loop = *loops_[next_];
    acceptor_->async_accept(loop.io(), peer_, [this](const error_code& error, tcp::socket socket) {
      if (!accepting_) return;
      if (!error) {
        deal(std::move(socket));
        accept();
      } else {
        // Out of descriptors or memory: trying again at once would only burn processor time.
        state_->accept_backoffs.fetch_add(1, std::memory_order_relaxed);
        accept_later();
      }
    });
  }

  void accept_later() {
    backoff_->expires_after(kAcceptBackoff);
    backoff_->async_wait([this](const error_code& error) {
      if (accepting_ && !error) accept();
    });
  }

  // Gives an accepted socket to the loop whose turn it is.
  void deal(tcp::socket socket) {
    Loop* const loop = loops_[next_].get();
    next_ = (next_ + 1) % loops_.size();
    state_->accepted.fetch_add(1, std::memory_order_relaxed);
    const auto from = peer_.address();
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
  std::optional<tcp::acceptor> acceptor_;
  std::optional<asio::steady_timer> backoff_;
  tcp::endpoint peer_;
  std::size_t next_ = 0;
  bool accepting_ = true;

  std::uint16_t port_ = 0;
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

std::uint16_t Server::port() const { return impl_->port(); }

ServerCounts Server::counts() const {
  const ServerState& state = impl_->state();
  return {.accepted = state.accepted.load(),
          .connections = state.table.served(),
          .connections_refused = state.connections_refused.load(),
          .requests_refused = state.requests_refused.load(),
          .timeouts = state.timeouts.load(),
          .accept_backoffs = state.accept_backoffs.load(),
          .handshakes_failed = state.handshakes_failed.load()};
}

bool Server::stop(steady_clock::time_point deadline) { return impl_->stop(deadline); }

}  // namespace net
