#include "net/opening_connection.h"

#include <span>
#include <string_view>
#include <utility>

#include <boost/asio/buffer.hpp>

#include "net/http1_connection.h"
#include "net/http2_connection.h"

namespace net {
namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// Whether it begins with a line of three words of which the last is no version of HTTP. Who sends
// that would not understand what HTTP/1 answers.
bool speaks_something_else(std::string_view bytes) {
  const std::string_view line = bytes.substr(0, bytes.find("\r\n"));
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  return line.size() < bytes.size() && first != last && !line.substr(last + 1).starts_with("HTTP/");
}

}  // namespace

OpeningConnection::OpeningConnection(Accepted client)
    : client_(std::move(client)),
      loop_(*client_.loop),
      since_(loop_.now()),
      input_(Http1Connection::make_input(loop_.server().limits)) {}

void OpeningConnection::start() {
  if (!client_.stream->open(shared_from_this())) return;
  open_ = true;
  // Who is refused is told at once, in the words that most clients understand.
  if (client_.entry != ConnectionTable::Entry::Served) return speak_http1();
  read_on();
}

void OpeningConnection::on_open(const boost::system::error_code& error) {
  if (over_) return;
  if (error == no_tls()) {
    client_.stream = client_.stream->without_tls();
    client_.without_tls = true;
    open_ = true;
    return speak_http1();
  }
  if (error) {
    loop_.server().handshakes_failed.fetch_add(1, std::memory_order_relaxed);
    return close();
  }
  open_ = true;
  if (client_.stream->protocol() == "h2") {
    speak_http2();
  } else {
    speak_http1();
  }
}

void OpeningConnection::read_on() {
  const std::span<char> space = input_.arm();
  client_.stream->read(boost::asio::buffer(space.data(), space.size()), shared_from_this());
}

void OpeningConnection::on_read(const boost::system::error_code& error, std::size_t count) {
  if (over_) return;
  if (error) return close();
  input_.commit(count);
  const std::string_view bytes = input_.unread();
  if (bytes.starts_with(kPreface)) {
    speak_http2();
  } else if (kPreface.starts_with(bytes)) {
    read_on();
  } else if (speaks_something_else(bytes)) {
    close();
  } else {
    speak_http1();
  }
}

void OpeningConnection::speak_http1() {
  hand_over(std::make_shared<Http1Connection>(std::move(client_), std::move(input_)));
}

void OpeningConnection::speak_http2() {
  hand_over(std::make_shared<Http2Connection>(std::move(client_), std::move(input_)));
}

void OpeningConnection::hand_over(std::shared_ptr<Connection> next) {
  over_ = true;
  loop_.replace(*this, next);
  next->start();
}

void OpeningConnection::sweep() {
  if (loop_.now() - since_ <= loop_.server().limits.header_time_max) return;
  // Who has said nothing at all has only not come.
  if (!open_ || !input_.unread().empty()) {
    loop_.server().slow_heads.fetch_add(1, std::memory_order_relaxed);
  }
  close();
}

void OpeningConnection::drain() {
  if (input_.unread().empty()) close();
}

void OpeningConnection::close() {
  if (over_) return;
  over_ = true;
  client_.stream->close();
  loop_.remove(*this);
}

}  // namespace net
