#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>

#include "net/http1_connection.h"
#include "net/loop.h"
#include "net/self_signed.h"
#include "threads/snapshot.h"

// Drives a whole connection over a pair of local sockets: the first byte of the input says how
// many bytes arrive at a time, and whether requests are finished at once or behind the next
// arrival. Where the second is a 'T', the server has TLS, and the client has not: no handler hears
// of what it sends.

namespace {

class EchoLater final : public net::Handler {
 public:
  EchoLater(bool later, bool tls) : later_(later), tls_(tls) {}

  net::Admission admit(const net::RequestHead& head, net::Response& refusal) override {
    if (tls_) std::abort();
    if (head.path.ends_with('x')) {
      refusal.set_status(404);
      return net::Admission::refuse();
    }
    return net::Admission::accept(300);
  }
  void handle(net::Exchange& exchange) override {
    exchange.response().body() = exchange.body();
    if (!later_) return exchange.finish();
    if (held_ != nullptr) std::abort();
    held_ = &exchange;
  }
  void finish_held() {
    if (held_ == nullptr) return;
    net::Exchange* const exchange = held_;
    held_ = nullptr;
    for (const net::Header& header : exchange->head().headers) {
      exchange->response().add_header(header.name, header.value);
    }
    exchange->finish();
  }
  bool holds() const { return held_ != nullptr; }

 private:
  const bool later_;
  const bool tls_;
  net::Exchange* held_ = nullptr;
};

std::shared_ptr<const net::TlsContext> make_tls() {
  const auto pair = net::make_self_signed({.names = {"localhost"}, .starts = {}});
  if (!pair.ok()) std::abort();
  auto context = net::TlsContext::make(pair->certificate, pair->key);
  if (!context.ok()) std::abort();
  return *std::move(context);
}

void drop_output(int fd) {
  char bytes[4096];
  while (::read(fd, bytes, sizeof bytes) > 0) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::shared_ptr<const net::TlsContext> context = make_tls();
  if (size < 2) return 0;
  const bool tls = data[1] == 'T';
  const std::size_t step = data[0] % 64 == 0 ? size : data[0] % 64;
  EchoLater handler(data[0] >= 128, tls);
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (tls) text.remove_prefix(1);

  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0) return 0;
  const auto state = std::make_shared<net::ServerState>(net::Limits(), handler, 4, 1 << 20);
  if (tls) state->tls = std::make_shared<threads::Snapshot<net::TlsContext>>(context);
  const auto loop = std::make_shared<net::Loop>(state);
  boost::asio::ip::tcp::socket socket(loop->io());
  socket.assign(boost::asio::ip::tcp::v4(), pair[0]);
  const auto address = boost::asio::ip::make_address("127.0.0.1");
  const auto entry = state->table.enter(net::ConnectionTable::source_of(address));
  loop->adopt(std::move(socket), address, entry);
  while (!text.empty()) {
    const ssize_t sent = ::send(pair[1], text.data(), std::min(step, text.size()), MSG_NOSIGNAL);
    if (sent <= 0) break;
    text.remove_prefix(static_cast<std::size_t>(sent));
    loop->io().poll();
    handler.finish_held();
    loop->io().poll();
    drop_output(pair[1]);
  }
  ::close(pair[1]);
  loop->io().poll();
  loop->drain();
  loop->close_all();
  while (handler.holds()) {
    handler.finish_held();
    loop->io().poll();
  }
  loop->io().poll();
  if (state->table.served() != 0) std::abort();
  return 0;
}
