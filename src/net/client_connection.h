#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "base/bytes.h"
#include "base/result.h"
#include "net/response_parser.h"
#include "net/tls_trust.h"
#include "net/url.h"

namespace net {

// How long a client waits: for everything, and for the next sign of life.
struct Patience {
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  std::chrono::milliseconds connect_time_max{10'000};  // To each address.
  std::chrono::milliseconds idle_time_max{60'000};     // Nothing was sent and nothing arrived.
  std::function<bool()> cancelled;                     // May be empty. See HttpRequest.

  bool ended() const { return cancelled && cancelled(); }
  // The time until which to wait before asking again.
  std::chrono::steady_clock::time_point step(std::chrono::steady_clock::time_point until) const;
};

// A client's connection to one origin, plain or TLS, with an event loop of its own so that the
// calling thread waits with a deadline. Belongs to one thread at a time.
class ClientConnection {
 public:
  using Endpoint = boost::asio::ip::tcp::endpoint;

  // Connects by TCP only, to the first of the endpoints that answers.
  static base::Result<std::unique_ptr<ClientConnection>> connect(
      const std::vector<Endpoint>& endpoints, const Patience& patience);
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;
  ~ClientConnection() = default;

  // Speaks TLS from here on. Denied: the certificate is not believed, or is another host's.
  base::Result<void> start_tls(const std::shared_ptr<TlsTrust>& trust, const std::string& host,
                               const Patience& patience);

  // Sends head and body while reading the answer: a server may refuse before it has read
  // everything, and then the rest is not sent.
  base::Result<void> exchange(std::string_view head, base::Bytes body, ResponseParser& parser,
                              const Patience& patience);

  // Whether the last exchange left the connection fit for another.
  bool reusable() const { return reusable_; }
  // Whether the other side has ended or spoken without being asked.
  bool stale();

 private:
  using Clock = std::chrono::steady_clock;
  using Socket = boost::asio::ip::tcp::socket;

  // Bytes that go out, and what is known of the operations in progress.
  struct Output {
    std::string_view head;
    base::Bytes body;
    std::size_t sent = 0;
    bool armed = false;
    boost::system::error_code error;

    std::size_t size() const { return head.size() + body.size(); }
    bool finished() const { return sent == size() || error; }
  };

  ClientConnection() : socket_(io_) {}
  template <typename Call>
  void on_stream(Call call);
  base::Result<void> connect_one(const Endpoint& endpoint, const Patience& patience);
  base::Error handshake_error(boost::system::error_code error, const std::string& host);
  bool run_one(const Patience& patience);
  base::Error too_late(const Patience& patience, std::string_view doing) const;
  void arm_write();
  void arm_read();
  base::Result<void> take_read(ResponseParser& parser);

  boost::asio::io_context io_{1};
  Socket socket_;
  std::shared_ptr<TlsTrust> trust_;  // The stream refers to its context.
  std::optional<boost::asio::ssl::stream<Socket&>> tls_;
  Clock::time_point last_progress_;
  Output output_;
  std::array<char, 64 << 10> input_;
  std::size_t arrived_ = 0;
  boost::system::error_code read_error_;
  bool read_armed_ = false;
  bool read_finished_ = false;
  bool reusable_ = false;
};

}  // namespace net
