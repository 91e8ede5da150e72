#include "net/blocking_socket.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/text.h"

namespace net {
namespace {

constexpr std::size_t kReceiveBytes = 64 << 10;

base::Error socket_error(std::string_view doing, int error) {
  std::array<char, 128> text{};
  return {base::Code::Unavailable,
          fmt::format("{}: {}", doing, ::strerror_r(error, text.data(), text.size()))};
}

// Waits until the socket is ready for `events`.
base::Result<void> wait_for(int fd, short events, std::string_view doing,
                            BlockingSocket::Deadline deadline) {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    const auto time = std::clamp<std::int64_t>(left.count(), 0, 1'000'000'000);
    pollfd waited{fd, events, 0};
    const int ready = ::poll(&waited, 1, static_cast<int>(time));
    if (ready > 0) return {};
    if (ready == 0) {
      return base::Error(base::Code::Deadline, fmt::format("{}: deadline exceeded", doing));
    }
    if (errno != EINTR) return socket_error(doing, errno);
  }
}

base::Result<socklen_t> fill_address(const std::string& address, std::uint16_t port,
                                     sockaddr_storage& out) {
  auto* v4 = reinterpret_cast<sockaddr_in*>(&out);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&out);
  if (::inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    return static_cast<socklen_t>(sizeof *v4);
  }
  if (::inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    return static_cast<socklen_t>(sizeof *v6);
  }
  return base::Error(base::Code::Invalid,
                     fmt::format("address {}: expected an IP address", base::quote(address)));
}

}  // namespace

base::Result<BlockingSocket> BlockingSocket::connect(const std::string& address, std::uint16_t port,
                                                     Deadline deadline) {
  sockaddr_storage to{};
  TRY_ASSIGN(const socklen_t size, fill_address(address, port, to));
  BlockingSocket socket(::socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.fd_ < 0) return socket_error("socket", errno);
  const int on = 1;
  ::setsockopt(socket.fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const std::string doing = fmt::format("connect to {}:{}", address, port);
  if (::connect(socket.fd_, reinterpret_cast<sockaddr*>(&to), size) != 0) {
    if (errno != EINPROGRESS) return socket_error(doing, errno);
    TRY(wait_for(socket.fd_, POLLOUT, doing, deadline));
    int error = 0;
    socklen_t length = sizeof error;
    ::getsockopt(socket.fd_, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) return socket_error(doing, error);
  }
  return socket;
}

BlockingSocket::~BlockingSocket() {
  if (fd_ >= 0) ::close(fd_);
}

base::Result<void> BlockingSocket::send(std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
      return socket_error("send", errno);
    }
    TRY(wait_for(fd_, POLLOUT, "send", deadline));
  }
  return {};
}

base::Result<std::size_t> BlockingSocket::receive(std::string& into, Deadline deadline) {
  const std::size_t before = into.size();
  into.resize(before + kReceiveBytes);
  for (;;) {
    const ssize_t got = ::recv(fd_, into.data() + before, kReceiveBytes, 0);
    const int error = errno;
    into.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got >= 0) return static_cast<std::size_t>(got);
    if (error != EAGAIN && error != EWOULDBLOCK && error != EINTR) {
      return socket_error("receive", error);
    }
    TRY(wait_for(fd_, POLLIN, "receive", deadline));
    into.resize(before + kReceiveBytes);
  }
}

void BlockingSocket::end_output() { ::shutdown(fd_, SHUT_WR); }

void BlockingSocket::reset() {
  const linger at_once{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(std::exchange(fd_, -1));
}

}  // namespace net
