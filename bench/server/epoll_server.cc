// The least that a server on epoll can do: reads requests, finds where each ends, and answers the
// same bytes to all. One thread, blocking in epoll_wait; nothing is parsed but Content-Length. What
// a real server takes beyond this is its own.
//
//   sooth_epoll_server PORT ANSWER
//
// ANSWER is a file with the whole answer, head and body.
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "loopback.h"

namespace {

int listen_on(std::uint16_t port) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = bench::loopback(port);
  const bool bound =
      bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  if (bound && listen(listener, SOMAXCONN) == 0) return listener;
  fmt::print(stderr, "sooth_epoll_server: 127.0.0.1:{}: cannot listen\n", port);
  std::exit(1);
}

void watch(int epoll, int socket) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = socket;
  epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event);
}

// The size of the first request, or 0 while it is not all there.
std::size_t request_bytes(std::string_view bytes) {
  constexpr std::string_view kLength = "content-length:";
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return 0;
  std::size_t length = 0;
  for (std::size_t at = bytes.find("\r\n"); at < end; at = bytes.find("\r\n", at + 2)) {
    const std::string_view line = bytes.substr(at + 2);
    if (strncasecmp(line.data(), kLength.data(), kLength.size()) != 0) continue;
    length = std::strtoul(line.data() + kLength.size(), nullptr, 10);
  }
  const std::size_t whole = end + 4 + length;
  return bytes.size() < whole ? 0 : whole;
}

// Answers what is there; false when the client has left.
bool serve(int socket, std::string& received, std::string_view answer) {
  std::array<char, 16384> bytes;
  const ssize_t count = recv(socket, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (count <= 0) return false;
  received.append(bytes.data(), static_cast<std::size_t>(count));
  while (const std::size_t taken = request_bytes(received)) {
    received.erase(0, taken);
    if (send(socket, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: sooth_epoll_server PORT ANSWER\n");
    return 2;
  }
  std::ifstream file(argv[2], std::ios::binary);
  const std::string answer{std::istreambuf_iterator<char>(file), {}};
  const int listener = listen_on(static_cast<std::uint16_t>(std::atoi(argv[1])));
  const int epoll = epoll_create1(0);
  watch(epoll, listener);
  std::map<int, std::string> received;
  for (;;) {
    std::array<epoll_event, 64> events{};
    const int count = epoll_wait(epoll, events.data(), events.size(), -1);
    for (int i = 0; i < count; ++i) {
      const int socket = events[static_cast<std::size_t>(i)].data.fd;
      if (socket == listener) {
        const int client = accept(listener, nullptr, nullptr);
        bench::send_at_once(client);
        received[client].clear();
        watch(epoll, client);
      } else if (!serve(socket, received[socket], answer)) {
        received.erase(socket);
        close(socket);
      }
    }
  }
}
