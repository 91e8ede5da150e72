#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/http_message.h"
#include "net/tls_trust.h"
#include "net/url.h"
#include "threads/guarded.h"

namespace net {

class ClientConnection;
class Resolver;
struct Patience;

// An HTTP/1.1 client over TCP and TLS for commands and background threads: send() waits, so never
// an I/O thread. Any thread may call it. It follows no redirects and knows no credentials: what may
// go to which origin is its caller's to decide. Connections are kept for the next request to the
// same origin.
//
// Errors: NotFound no such host · Unavailable refused, cut off or silent · Denied the certificate ·
// Unsupported no TLS there · Deadline · Cancelled · Corrupt malformed · Exhausted past a ceiling ·
// Invalid the request. An answer of any status is no error.
class HttpClient {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  // A proxy that https goes through by CONNECT, so that it sees no content.
  struct Proxy {
    Url url;                    // http; its path counts for nothing.
    std::string authorization;  // Value of Proxy-Authorization; empty: none.
    std::vector<std::string>
        bypass;  // Hosts, domains (".example") or "*" that are reached directly.
  };

  struct Options {
    std::string user_agent;  // "sooth/1.2"
    std::chrono::milliseconds connect_time_max{10'000};
    std::chrono::milliseconds idle_time_max{60'000};
    std::size_t kept_per_origin = 8;
    std::chrono::milliseconds keep_time_max{15'000};
    std::optional<Proxy> proxy;
  };

  HttpClient(Options options, std::shared_ptr<TlsTrust> trust);
  ~HttpClient();

  base::Result<HttpResponse> send(const HttpRequest& request, Deadline deadline);

 private:
  using Connection = std::unique_ptr<ClientConnection>;
  struct Kept {
    Connection connection;
    std::chrono::steady_clock::time_point since;
  };

  base::Result<HttpResponse> exchange(const HttpRequest& request, const Patience& patience);
  base::Result<Connection> open(const Origin& origin, const Patience& patience);
  base::Result<Connection> connect(const Origin& origin, const Patience& patience);
  base::Result<void> ask_proxy(ClientConnection& connection, const Origin& origin,
                               const Patience& patience);
  std::string format_head(const HttpRequest& request) const;
  Connection take_kept(const Origin& origin);
  void keep(const Origin& origin, Connection connection);

  const Options options_;
  const std::shared_ptr<TlsTrust> trust_;
  const std::unique_ptr<Resolver> resolver_;
  threads::Guarded<std::map<Origin, std::vector<Kept>>> kept_;
};

// Whether `host` is one of `bypass`: the same name, below a domain of the list, or "*".
bool bypasses_proxy(const std::string& host, const std::vector<std::string>& bypass);

}  // namespace net
