#pragma once

#include "net/request.h"
#include "net/response.h"
#include "net/tls_context.h"

namespace net {

// Answers a request that came without TLS with 308 to the same path and query over https. The host
// is that of the request only where the certificate is for it, so that nobody is sent to where a
// stranger says; else the certificate's own. The port is the one that the client came to, which
// speaks both. 400 where the certificate names no host.
void redirect_to_https(const RequestHead& head, const TlsContext& context, Response& response);

}  // namespace net
