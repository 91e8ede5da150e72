#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace net {

// A connected TCP socket for code that may wait: commands and tests, never an I/O thread. Every
// call waits until its deadline at most.
class BlockingSocket {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  // `address` is an IP address, not a name.
  static base::Result<BlockingSocket> connect(const std::string& address, std::uint16_t port,
                                              Deadline deadline);
  BlockingSocket(BlockingSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  BlockingSocket& operator=(BlockingSocket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~BlockingSocket();

  base::Result<void> send(std::string_view bytes, Deadline deadline);
  // Appends what has arrived, at most 64 KiB; says how much. Zero: the other side has ended.
  base::Result<std::size_t> receive(std::string& into, Deadline deadline);
  // Says that nothing more will be sent.
  void end_output();
  // Closes so that the other side sees a reset, not an end.
  void reset();

 private:
  explicit BlockingSocket(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace net
