#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <openssl/types.h>

#include "base/result.h"

namespace net {

// Mozilla's server-side TLS: "intermediate" speaks TLS 1.2 and 1.3, "modern" 1.3
// alone.
enum class TlsProfile : unsigned char { Intermediate, Modern };
std::optional<TlsProfile> find_tls_profile(std::string_view name);

// A server's certificate and key, and what of TLS it speaks: the suites and groups of its profile,
// HTTP/2 and HTTP/1.1 by ALPN, no renegotiation, no compression, no early data. Immutable and
// shared by all connections that began with it; a changed certificate is another context. So are
// new keys for session tickets, which live as long as their context.
class TlsContext {
 public:
  struct Options {
    TlsProfile profile = TlsProfile::Intermediate;
    // PEM: with it clients are asked for a certificate that one of these has signed, or that is one
    // of these. Sessions are not resumed then, so that each connection shows its certificate anew.
    std::optional<std::string_view> client_authorities;
    bool client_required = true;  // Else a client may come without; a wrong one is refused.
  };
  // `certificates` is PEM: the server's own, then those that lead to a known authority. `key` is
  // its private key, PEM, not encrypted. Refuses a key that is not the certificate's, and one that
  // is too short for today.
  static base::Result<std::shared_ptr<const TlsContext>> make(std::string_view certificates,
                                                              std::string_view key,
                                                              const Options& options);
  static base::Result<std::shared_ptr<const TlsContext>> make(std::string_view certificates,
                                                              std::string_view key) {
    return make(certificates, key, Options());
  }
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext();

  SSL_CTX& native() const { return *context_; }
  // From then on clients refuse the certificate.
  std::chrono::sys_seconds expires() const { return expires_; }
  // Whether the certificate is for this host: a name, or an address without brackets.
  bool is_for(std::string_view host) const;
  // A host that it is for: the first name without a "*", else the first address; "" where it has
  // none.
  const std::string& host() const { return host_; }

 private:
  TlsContext(SSL_CTX* context, std::chrono::sys_seconds expires);

  SSL_CTX* context_;
  std::chrono::sys_seconds expires_;
  std::string host_;
};

}  // namespace net
