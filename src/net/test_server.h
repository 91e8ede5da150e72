#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

// For tests: a server that does to each connection what the test says, one after another.

namespace net {

class ScriptedServer {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using Script = std::function<void(Socket&)>;

  explicit ScriptedServer(Script script)
      : script_(std::move(script)),
        acceptor_(io_, {boost::asio::ip::address_v4::loopback(), 0}),
        thread_([this] { work(); }) {}
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  // Clients must have let go of their connections, or have been answered for the last time.
  ~ScriptedServer() {
    stopping_ = true;
    boost::system::error_code ignored;
    Socket wake(io_);
    wake.connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  int connections() const { return connections_; }

 private:
  void work() {
    for (;;) {
      boost::system::error_code error;
      Socket socket(io_);
      acceptor_.accept(socket, error);
      if (error || stopping_) return;
      ++connections_;
      script_(socket);
    }
  }

  const Script script_;
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

// The head of the next request and, behind it, the body; "" where the client has ended.
template <typename Stream>
std::string read_request(Stream& stream) {
  std::string text;
  boost::system::error_code error;
  const std::size_t head = boost::asio::read_until(stream, boost::asio::dynamic_buffer(text),
                                                   std::string("\r\n\r\n"), error);
  if (error) return "";
  const std::size_t at = text.find("Content-Length: ");
  if (at == std::string::npos || at > head) return text;
  const std::size_t whole = head + std::stoul(text.substr(at + 16));
  if (whole > text.size()) {
    std::string rest(whole - text.size(), '\0');
    boost::asio::read(stream, boost::asio::buffer(rest), error);
    text += rest;
  }
  return text;
}

template <typename Stream>
void write_text(Stream& stream, const std::string& text) {
  boost::system::error_code ignored;
  boost::asio::write(stream, boost::asio::buffer(text), ignored);
}

}  // namespace net
