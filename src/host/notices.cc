#include "host/notices.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <utility>

#include <sys/socket.h>
#include <sys/un.h>

#include "base/file.h"

namespace host {
namespace {

constexpr std::size_t kNoticeBytesMax = 4096;

// Whether one of the lines is just that.
bool has_line(std::string_view text, std::string_view line) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (text.substr(0, end) == line) return true;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

std::optional<pid_t> sender_of(msghdr& message) {
  for (cmsghdr* each = CMSG_FIRSTHDR(&message); each != nullptr;
       each = CMSG_NXTHDR(&message, each)) {
    if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_CREDENTIALS) continue;
    ucred who{};
    std::memcpy(&who, CMSG_DATA(each), sizeof who);
    return who.pid;
  }
  return std::nullopt;
}

}  // namespace

base::Result<Notices> Notices::open() {
  Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return base::system_error("notices", errno);
  // Without a name of its own, the kernel gives it a free one that is no file.
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const int on = 1;
  socklen_t size = sizeof address;
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(sa_family_t)) != 0 ||
      ::setsockopt(socket.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0 ||
      ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return base::system_error("notices", errno);
  }
  const std::size_t length = size - offsetof(sockaddr_un, sun_path);
  return Notices(std::move(socket), "@" + std::string(address.sun_path + 1, length - 1));
}

std::optional<Notices::Notice> Notices::next() {
  for (;;) {
    std::array<char, kNoticeBytesMax> bytes;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(ucred))> control{};
    iovec part{bytes.data(), bytes.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t got = ::recvmsg(socket_.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    const auto pid = sender_of(message);
    if (!pid) continue;
    const std::string_view text(bytes.data(), static_cast<std::size_t>(got));
    return Notice{*pid, has_line(text, "READY=1"), has_line(text, "STOPPING=1")};
  }
}

}  // namespace host
