#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <linux/filter.h>

#include "base/result.h"
#include "host/descriptor.h"

// Listening sockets on 127.0.0.1 that several processes accept from.
namespace host {

// Whether nobody listens on the port of 127.0.0.1, sharing or not.
bool is_free(std::uint16_t port);

// A socket of its own; port 0: any free one.
base::Result<Descriptor> listen_alone(std::uint16_t port);
// One of several on the same port. The first of them wants the port for itself: Conflict where
// somebody else has it, though they may be ready to share.
base::Result<Descriptor> listen_first(std::uint16_t port);
base::Result<Descriptor> listen_beside(std::uint16_t port);
std::uint16_t port_of(const Descriptor& socket);

// One of the sockets of a port, by the order in which they began to listen, and its part of the new
// connections.
struct Share {
  std::uint32_t socket = 0;
  std::uint32_t weight = 0;
};

// A program for the kernel, which draws a number for each new connection. Precondition: some weight
// is not 0.
std::vector<sock_filter> sharing_program(std::span<const Share> shares);
// Has it choose for all sockets of the port. Unsupported where the kernel has no such thing.
base::Result<void> share_connections(const Descriptor& one_of_them, std::span<const Share> shares);

}  // namespace host
