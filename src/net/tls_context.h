#pragma once

#include <chrono>
#include <memory>
#include <string_view>

#include <openssl/types.h>

#include "base/result.h"

namespace net {

// A server's certificate and key, and what of TLS it speaks: versions 1.2 and 1.3 with Mozilla's
// "intermediate" suites and groups, HTTP/2 and HTTP/1.1 by ALPN, no renegotiation, no compression,
// no early data. Immutable and shared by all connections that began with it; a changed certificate
// is another context. So are new keys for session tickets, which live as long as their context.
class TlsContext {
 public:
  // `certificates` is PEM: the server's own, then those that lead to a known authority. `key` is
  // its private key, PEM, not encrypted. Refuses a key that is not the certificate's, and one that
  // is too short for today.
  static base::Result<std::shared_ptr<const TlsContext>> make(std::string_view certificates,
                                                              std::string_view key);
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext();

  SSL_CTX& native() const { return *context_; }
  // From then on clients refuse the certificate.
  std::chrono::sys_seconds expires() const { return expires_; }

 private:
  TlsContext(SSL_CTX* context, std::chrono::sys_seconds expires)
      : context_(context), expires_(expires) {}

  SSL_CTX* context_;
  std::chrono::sys_seconds expires_;
};

}  // namespace net
