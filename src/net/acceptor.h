#pragma once

#include <cstdint>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/result.h"

// A server's listening sockets: opened here, or inherited from whoever holds them. Both listen on
// loopback alone unless it is `safe`: strangers are kept out, and cannot listen in.
namespace net {

base::Result<boost::asio::ip::tcp::acceptor> open_acceptor(boost::asio::io_context& io,
                                                           const std::string& address,
                                                           std::uint16_t port, bool safe);

// Takes the descriptor over, also where it is refused: it must be a TCP socket that listens. Other
// processes may accept from the same socket: one that comes too late just waits for the next.
base::Result<boost::asio::ip::tcp::acceptor> adopt_acceptor(boost::asio::io_context& io,
                                                            int descriptor, bool safe);

}  // namespace net
