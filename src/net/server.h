#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/exchange.h"
#include "net/limits.h"
#include "net/tls_context.h"
#include "threads/snapshot.h"

namespace net {

// What has happened since the server started; `connections`, `bodies_bytes` and
// `followers` are now.
struct ServerCounts {
  std::uint64_t accepted = 0;
  std::uint64_t connections = 0;
  std::uint64_t connections_refused = 0;  // Too many, in all or of one source.
  std::uint64_t requests_refused = 0;     // By the server itself: malformed, too large, too slow.
  std::uint64_t timeouts = 0;             // The three below together.
  std::uint64_t slow_heads = 0;           // Headers, TLS handshakes and first words.
  std::uint64_t slow_bodies = 0;
  std::uint64_t slow_readers = 0;       // Answers that are not taken.
  std::uint64_t reset_floods = 0;       // Connections of HTTP/2 ended since too many were reset,
  std::uint64_t frame_floods = 0;       // or since too many frames carried nothing.
  std::uint64_t bodies_refused = 0;     // No memory was left for them.
  std::uint64_t bodies_bytes = 0;       // Of bodies and answers held now.
  std::uint64_t accept_backoffs = 0;    // No descriptor was left.
  std::uint64_t handshakes_failed = 0;  // The client spoke no TLS, or none that is served.
  std::uint64_t redirects = 0;          // Of requests that came without TLS, to https.
  std::uint64_t followers = 0;          // Calls that are followed now.
  std::uint64_t followers_refused = 0;  // Since there were too many.
};

// An HTTP server: N I/O threads, each with its own event loop; connections are dealt to them in
// turn. The handler must outlive it. Listens elsewhere than on loopback only with a handler that
// authenticates, and with TLS unless a proxy in front of it is said to end that.
class Server {
 public:
  static constexpr std::size_t kThreadsMax = 256;
  struct Options {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  // 0: any free one.
    // Sockets that listen already, instead of address and port; they are the server's from now on,
    // also where it cannot be made. What holds for an address holds for theirs.
    std::vector<int> adopted;
    std::size_t threads = 1;  // At most kThreadsMax.
    Limits limits;
    // Seconds since 1970, for the Date field; without it none is sent.
    std::function<std::int64_t()> wall_seconds;
    // With it, HTTPS: each connection begins with the context that is published at that moment.
    // Plain requests are answered with 308 to the same path over https, and never handled.
    std::shared_ptr<const threads::Snapshot<TlsContext>> tls;
    // Behind a proxy that ends TLS: plain HTTP beyond loopback too, for a handler that
    // authenticates.
    bool cleartext = false;
  };

  static base::Result<std::unique_ptr<Server>> listen(Options options, Handler& handler);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  // Stops at once, and waits until every exchange that a handler holds is finished.
  ~Server();

  // Of the first socket.
  std::string address() const;
  std::uint16_t port() const;
  ServerCounts counts() const;

  using Time = std::chrono::steady_clock::time_point;

  // Takes what has been connected so far and accepts no more, closes connections that wait for a
  // request, and lets what is in flight finish with "Connection: close". At `deadline` the rest is
  // cut off. Says whether everything finished by itself. May be called again.
  bool stop(Time deadline);
  // The same, but connections may send one more request until `idle_until`, so that none is lost
  // between a client that sends and a server that closes.
  bool stop(Time deadline, Time idle_until);

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace net
