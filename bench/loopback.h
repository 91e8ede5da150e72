#pragma once

#include <cstdint>

#include <netinet/in.h>

// Sockets of this machine's own.

namespace bench {

sockaddr_in loopback(std::uint16_t port);

// What is written leaves at once, without waiting for more.
void send_at_once(int socket);

}  // namespace bench
