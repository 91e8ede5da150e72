#include "host/listener.h"

#include <cerrno>
#include <cstring>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <fmt/format.h>

namespace host {
namespace {

using base::Code;
using base::Error;
using base::Result;

// More than any server of ours queues; the kernel takes its own bound where that is lower.
constexpr int kBacklog = 4096;

enum class Sharing : unsigned char { None, Port };

Error socket_error(std::uint16_t port, int error) {
  return {error == EADDRINUSE ? Code::Conflict : Code::Unavailable,
          fmt::format("port {} of 127.0.0.1: {}", port, std::strerror(error))};
}

Result<Descriptor> bind_socket(std::uint16_t port, Sharing sharing) {
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return socket_error(port, errno);
  const int on = 1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // So that connections of a server that has ended do not hold the port.
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      (sharing == Sharing::Port &&
       ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) ||
      ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return socket_error(port, errno);
  }
  return socket;
}

Result<Descriptor> listen_on(std::uint16_t port, Sharing sharing) {
  TRY_ASSIGN(Descriptor socket, bind_socket(port, sharing));
  if (::listen(socket.get(), kBacklog) != 0) return socket_error(port, errno);
  return socket;
}

}  // namespace

bool is_free(std::uint16_t port) { return bind_socket(port, Sharing::None).ok(); }

Result<Descriptor> listen_alone(std::uint16_t port) { return listen_on(port, Sharing::None); }

Result<Descriptor> listen_first(std::uint16_t port) {
  // Two that share would both be let in.
  TRY_ASSIGN(Descriptor probe, bind_socket(port, Sharing::None));
  probe.close();
  return listen_on(port, Sharing::Port);
}

Result<Descriptor> listen_beside(std::uint16_t port) { return listen_on(port, Sharing::Port); }

std::uint16_t port_of(const Descriptor& socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return ntohs(address.sin_port);
}

std::vector<sock_filter> sharing_program(std::span<const Share> shares) {
  std::uint32_t all = 0;
  std::uint32_t last = 0;
  for (const Share& each : shares) {
    if (each.weight == 0) continue;
    all += each.weight;
    last = each.socket;
  }
  const auto random = static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_RANDOM);
  std::vector<sock_filter> program = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, random),
                                      BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, all)};
  std::uint32_t below = 0;
  for (const Share& each : shares) {
    if (each.weight == 0 || each.socket == last) continue;
    below += each.weight;
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, below, 1, 0));
    program.push_back(BPF_STMT(BPF_RET | BPF_K, each.socket));
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, last));
  return program;
}

Result<void> share_connections(const Descriptor& one_of_them, std::span<const Share> shares) {
  std::vector<sock_filter> program = sharing_program(shares);
  const sock_fprog form{.len = static_cast<unsigned short>(program.size()),
                        .filter = program.data()};
  if (::setsockopt(one_of_them.get(), SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &form, sizeof form) ==
      0) {
    return {};
  }
  return Error(Code::Unsupported, fmt::format("the kernel does not share a port by weights: {}",
                                              std::strerror(errno)));
}

}  // namespace host
