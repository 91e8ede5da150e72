#include <array>
#include <cerrno>
#include <utility>

#include <sys/socket.h>
#include <sys/uio.h>

#include "net/stream.h"

namespace net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

iovec part(std::string_view bytes) { return {const_cast<char*>(bytes.data()), bytes.size()}; }

class PlainStream final : public Stream {
 public:
  explicit PlainStream(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}

  bool open(std::shared_ptr<StreamUser>) override { return true; }

  void read(asio::mutable_buffer into, std::shared_ptr<StreamUser> user) override {
    socket_.async_read_some(into,
                            [kept = std::move(user)](const error_code& error, std::size_t count) {
                              kept->on_read(error, count);
                            });
  }

  // Both parts leave in one call, and so mostly in one packet.
  std::optional<std::size_t> write(std::string_view first, std::string_view second) override {
    std::array<iovec, 2> parts = {part(first), part(second)};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    for (;;) {
      const ssize_t sent =
          ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent >= 0) return static_cast<std::size_t>(sent);
      if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
      if (errno != EINTR) return std::nullopt;
    }
  }

  void wait_to_write(std::shared_ptr<StreamUser> user) override {
    socket_.async_wait(
        asio::ip::tcp::socket::wait_write,
        [kept = std::move(user)](const error_code& error) { kept->on_writable(error); });
  }

  void end_output() override {
    error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  }

  void close() override {
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  asio::ip::tcp::socket socket_;
};

}  // namespace

std::unique_ptr<Stream> make_plain_stream(asio::ip::tcp::socket socket) {
  return std::make_unique<PlainStream>(std::move(socket));
}

}  // namespace net
