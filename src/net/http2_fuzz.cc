#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include "net/http2_connection.h"
#include "net/loop.h"

// Drives a whole HTTP/2 connection over a stream without a socket. The first byte of the input says
// how many bytes arrive at a time and how much the client reads of the answers, the second whether
// requests are finished at once or behind the next arrival. Behind it come frames; the preface and
// the client's first SETTINGS are put before them, so that the fuzzer need not find those.

namespace {

constexpr std::string_view kBegin("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);

// What the fuzzer writes is read, what is answered is dropped.
class FakeStream final : public net::Stream {
 public:
  FakeStream(net::Loop& loop, std::size_t room) : loop_(loop), room_(room) {}

  bool open(std::shared_ptr<net::StreamUser>) override { return true; }
  void read(boost::asio::mutable_buffer into, std::shared_ptr<net::StreamUser> user) override {
    if (into.size() == 0 || user_ != nullptr) std::abort();
    into_ = into;
    user_ = std::move(user);
  }
  std::optional<std::size_t> write(std::string_view first, std::string_view second) override {
    if (closed_) return std::nullopt;
    const std::size_t count = std::min(room_, first.size() + second.size());
    room_ -= count;
    return count;
  }
  void wait_to_write(std::shared_ptr<net::StreamUser> user) override {
    boost::asio::post(loop_.io(), [this, kept = std::move(user)] {
      room_ = 1 << 10;
      kept->on_writable(closed_ ? boost::asio::error::operation_aborted
                                : boost::system::error_code());
    });
  }
  void end_output() override {}
  void close() override {
    closed_ = true;
    if (user_ == nullptr) return;
    boost::asio::post(loop_.io(), [kept = std::move(user_)] {
      kept->on_read(boost::asio::error::operation_aborted, 0);
    });
  }

  // Lets bytes arrive; says how many were taken. Nothing to take: the client has ended.
  std::size_t arrive(std::string_view bytes, bool end) {
    if (user_ == nullptr) return 0;
    const std::size_t count = std::min(bytes.size(), into_.size());
    std::copy_n(bytes.begin(), count, static_cast<char*>(into_.data()));
    const auto user = std::exchange(user_, nullptr);
    user->on_read(end ? boost::asio::error::eof : boost::system::error_code(), count);
    return count;
  }

 private:
  net::Loop& loop_;
  std::size_t room_;
  boost::asio::mutable_buffer into_;
  std::shared_ptr<net::StreamUser> user_;
  bool closed_ = false;
};

class AnyHandler final : public net::Handler {
 public:
  explicit AnyHandler(bool later) : later_(later) {}

  net::Admission admit(const net::RequestHead& head, net::Response& refusal) override {
    if (head.path.ends_with('x')) {
      refusal.set_status(404);
      return net::Admission::refuse();
    }
    if (head.path.ends_with('m')) return net::Admission::accept_messages(300, false);
    if (head.path.ends_with('o')) return net::Admission::accept_messages(300, true);
    if (head.path.ends_with('w')) return net::Admission::accept_followed(300, std::nullopt);
    return net::Admission::accept(300);
  }
  void handle(net::Exchange& exchange) override {
    // What lies behind the body may be read.
    volatile char last = exchange.body().data()[exchange.body().size() + net::kBodyPadding - 1];
    static_cast<void>(last);
    exchange.response().body() = exchange.body();
    exchange.response().body().append(asked_++ / 2 % 5, 'n');
    if (exchange.body().starts_with('f')) exchange.response().set_grpc_status(5, exchange.body());
    if (exchange.body().starts_with('t')) exchange.response().add_trailer("x", exchange.body());
    if (!later_) return exchange.finish();
    held_.push_back(&exchange);
  }
  void finish_held() {
    for (net::Exchange* const exchange : std::exchange(held_, {})) {
      for (const net::Header& header : exchange->head().headers) {
        exchange->response().add_header(header.name, header.value);
      }
      exchange->finish();
    }
  }
  bool holds() const { return !held_.empty(); }

 private:
  const bool later_;
  std::size_t asked_ = 0;
  std::vector<net::Exchange*> held_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t step = data[0] % 64 == 0 ? size : data[0] % 64;
  const std::size_t room = data[0] >= 128 ? 64 : std::size_t{1} << 30;
  AnyHandler handler(data[1] % 2 == 1);
  std::string all(kBegin);
  all.append(reinterpret_cast<const char*>(data) + 2, size - 2);
  std::string_view text(all);

  net::Limits limits;
  limits.streams_max = 5;
  limits.control_frames_max = 50;
  limits.resets_max = 10;
  const auto state = std::make_shared<net::ServerState>(limits, handler, 4, 1 << 20);
  const auto loop = std::make_shared<net::Loop>(state);
  auto made = std::make_unique<FakeStream>(*loop, room);
  FakeStream& stream = *made;
  if (data[1] % 4 >= 2) {
    // On the loop's own thread requests are finished without a detour.
    boost::asio::post(loop->io(), [&] { loop->io().stop(); });
    loop->run();
    loop->io().restart();
  }
  const auto address = boost::asio::ip::make_address("127.0.0.1");
  const auto entry = state->table.enter(net::ConnectionTable::source_of(address));
  auto connection = std::make_shared<net::Http2Connection>(
      net::Accepted(loop, std::move(made), address, entry), net::ReadBuffer(0));
  connection->start();
  for (int turn = 0; !text.empty(); ++turn) {
    const std::size_t taken = stream.arrive(text.substr(0, step), false);
    text.remove_prefix(taken);
    if (turn % 2 == 1) handler.finish_held();
    if (turn % 3 == 1) {
      connection->ask_followed();
      connection->sweep();
    }
    loop->io().restart();
    if (loop->io().poll() == 0 && taken == 0 && !handler.holds()) break;
  }
  stream.arrive("", true);
  connection->drain();
  connection->sweep();
  loop->io().poll();
  connection->close();
  while (handler.holds()) {
    handler.finish_held();
    loop->io().restart();
    loop->io().poll();
  }
  loop->io().restart();
  loop->io().poll();
  connection.reset();
  if (state->table.served() != 0) std::abort();
  return 0;
}
