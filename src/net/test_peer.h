#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "net/blocking_socket.h"
#include "net/server.h"
#include "net/test_deadline.h"
#include "threads/guarded.h"

// For tests of the server: a handler that answers with what it got, and a client of HTTP/1.1.

namespace net {

// Answers with the body it got. Requests to /later wait until somebody finishes them.
class Echo final : public Handler {
 public:
  Admission admit(const RequestHead& head, Response& refusal) override {
    if (head.path != "/missing") return Admission::accept(4 << 20);
    refusal.set_status(404);
    refusal.body() = "no such path";
    return Admission::refuse();
  }

  void handle(Exchange& exchange) override {
    ++handled_;
    exchange.response().set_content_type("text/plain");
    exchange.response().body() = exchange.body();
    exchange.response().add_header("X-Path", exchange.head().path);
    if (exchange.head().path != "/later") return exchange.finish();
    held_.lock()->push_back(&exchange);
    arrived_.notify_all();
  }

  int handled() const { return handled_; }
  Exchange& wait_for_held() {
    auto held = held_.lock();
    EXPECT_TRUE(held.wait_until(arrived_, soon(), [](const auto& h) { return !h.empty(); }));
    Exchange* const exchange = held->front();
    held->pop_front();
    return *exchange;
  }

 private:
  std::atomic<int> handled_ = 0;
  threads::Guarded<std::deque<Exchange*>> held_;
  std::condition_variable arrived_;
};

inline std::unique_ptr<Server> serve(Handler& handler, Server::Options options = {}) {
  auto server = Server::listen(std::move(options), handler);
  EXPECT_TRUE(server.ok()) << (server.ok() ? "" : server.error().message());
  return *std::move(server);
}

// A client that writes bytes as the test says, and reads answers one by one.
class Peer {
 public:
  explicit Peer(const Server& server)
      : socket_(*BlockingSocket::connect("127.0.0.1", server.port(), soon())) {}

  BlockingSocket& socket() { return socket_; }
  void send(std::string_view bytes) { EXPECT_TRUE(socket_.send(bytes, soon()).ok()); }

  // The next answer: head and as much body as it announces; "" where the server has ended.
  std::string answer(bool head_only = false) {
    for (;;) {
      const std::size_t end = arrived_.find("\r\n\r\n");
      if (end != std::string::npos) {
        std::size_t whole = end + 4;
        const std::size_t at = arrived_.find("Content-Length: ");
        if (!head_only && at < end) whole += std::stoul(arrived_.substr(at + 16));
        if (arrived_.size() >= whole) {
          const std::string text = arrived_.substr(0, whole);
          arrived_.erase(0, whole);
          return text;
        }
      }
      if (!more()) return "";
    }
  }
  int status(bool head_only = false) {
    const std::string text = answer(head_only);
    return text.size() < 12 ? 0 : std::stoi(text.substr(9, 3));
  }
  // Whether nothing more comes but the end.
  bool ended() {
    while (more()) {
    }
    return arrived_.empty();
  }

 private:
  bool more() {
    const auto got = socket_.receive(arrived_, soon());
    return got.ok() && *got > 0;
  }

  BlockingSocket socket_;
  std::string arrived_;
};

inline std::string post(std::string_view path, std::string_view body,
                        std::string_view fields = "") {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + std::string(fields) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

inline constexpr std::string_view kGet = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

}  // namespace net
