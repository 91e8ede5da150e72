#include "host/service_manager.h"

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <optional>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"
#include "host/descriptor.h"

namespace host {
namespace {

using base::Code;
using base::Error;
using base::Result;

std::optional<int> number_in(std::string_view text, int min, int max) {
  int value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (value < min || value > max) return std::nullopt;
  return value;
}

// "/run/x" is a path, "@x" a name without file.
Result<std::pair<sockaddr_un, socklen_t>> address_of(const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.size() < 2 || name.size() >= sizeof address.sun_path ||
      (name.front() != '/' && name.front() != '@')) {
    return Error(Code::Invalid,
                 fmt::format("NOTIFY_SOCKET: expected a path or @name of at most {} bytes, got {}",
                             sizeof address.sun_path - 1, base::quote(name)));
  }
  std::memcpy(address.sun_path, name.data(), name.size());
  if (name.front() == '@') address.sun_path[0] = '\0';
  return std::pair(address, static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size()));
}

}  // namespace

Result<ServiceManager> read_service_manager(std::string_view listen_pid,
                                            std::string_view listen_fds,
                                            std::string_view notify_socket, int own_pid) {
  ServiceManager manager;
  manager.notify_socket = notify_socket;
  if (listen_fds.empty() || listen_pid.empty()) return manager;
  const auto pid = number_in(listen_pid, 1, INT32_MAX);
  if (!pid) {
    return Error(Code::Invalid, fmt::format("LISTEN_PID: expected the number of a process, got {}",
                                            base::quote(listen_pid)));
  }
  if (*pid != own_pid) return manager;
  const auto count = number_in(listen_fds, 0, kListenersMax);
  if (!count) {
    return Error(Code::Invalid, fmt::format("LISTEN_FDS: expected 0 to {}, got {}", kListenersMax,
                                            base::quote(listen_fds)));
  }
  for (int i = 0; i < *count; ++i) {
    manager.listeners.push_back(kFirstListener + i);
    // Not for what this process may start.
    ::fcntl(kFirstListener + i, F_SETFD, FD_CLOEXEC);
  }
  return manager;
}

Result<void> notify(const ServiceManager& manager, std::string_view state) {
  if (manager.notify_socket.empty()) return {};
  TRY_ASSIGN(const auto address, address_of(manager.notify_socket));
  const Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return base::system_error("NOTIFY_SOCKET", errno);
  const auto* to = reinterpret_cast<const sockaddr*>(&address.first);
  if (::sendto(socket.get(), state.data(), state.size(), MSG_NOSIGNAL, to, address.second) < 0) {
    return base::system_error("NOTIFY_SOCKET " + base::quote(manager.notify_socket), errno);
  }
  return {};
}

}  // namespace host
