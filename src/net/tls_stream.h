#pragma once

#include <memory>

#include <boost/asio/ip/tcp.hpp>

#include "net/stream.h"
#include "net/tls_context.h"

namespace net {

// The server's side of TLS over a socket that a client has connected.
std::unique_ptr<Stream> make_tls_stream(boost::asio::ip::tcp::socket socket,
                                        const TlsContext& context);

}  // namespace net
