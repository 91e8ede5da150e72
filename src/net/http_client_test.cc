#include "net/http_client.h"

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "net/resolver.h"
#include "net/server.h"
#include "net/test_deadline.h"
#include "net/test_server.h"

namespace net {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

Url at(std::uint16_t port, std::string target = "/") {
  return {.origin = {.tls = false, .host = "127.0.0.1", .port = port}, .target = std::move(target)};
}

// Answers with the body it got, and with what it saw in fields.
class FieldEcho final : public Handler {
 public:
  Admission admit(const RequestHead&, Response&) override { return Admission::accept(64 << 20); }
  void handle(Exchange& exchange) override {
    Response& response = exchange.response();
    response.set_content_type("text/plain");
    response.body() = exchange.body();
    response.add_header("X-Method", method_name(exchange.head().method));
    response.add_header("X-Agent", exchange.head().header("User-Agent").value_or("none"));
    response.add_header("X-Host", exchange.head().header("Host").value_or("none"));
    if (exchange.head().path == "/missing") response.set_status(404);
    exchange.finish();
  }
};

class HttpClientTest : public ::testing::Test {
 protected:
  HttpClientTest() : server_(*Server::listen({}, echo_)) {}

  Url url(std::string target = "/") const { return at(server_->port(), std::move(target)); }

  FieldEcho echo_;
  std::unique_ptr<Server> server_;
  HttpClient client_{{.user_agent = "sooth/test"}, nullptr};
};

base::Error error_of(HttpClient& client, const HttpRequest& request,
                     steady_clock::time_point deadline = soon()) {
  auto outcome = client.send(request, deadline);
  EXPECT_FALSE(outcome.ok());
  return outcome.ok() ? base::Error(base::Code::Internal, "") : outcome.error();
}

TEST_F(HttpClientTest, SendsARequestAndReadsItsAnswer) {
  HttpRequest request{.method = "POST", .url = url("/a?b=c"), .fields = {{"X-A", "b"}}};
  request.body = base::as_bytes("some body");
  const auto response = client_.send(request, soon());
  ASSERT_TRUE(response.ok()) << response.error().message();
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "some body");
  EXPECT_EQ(response->field("x-method"), "POST");
  EXPECT_EQ(response->field("X-Agent"), "sooth/test");
  EXPECT_EQ(response->field("X-Host"), "127.0.0.1:" + std::to_string(server_->port()));
}

TEST_F(HttpClientTest, KeepsItsConnection) {
  for (const char* method : {"GET", "HEAD", "POST", "PUT", "GET"}) {
    const auto response = client_.send({.method = method, .url = url()}, soon());
    ASSERT_TRUE(response.ok()) << method << ": " << response.error().message();
  }
  EXPECT_EQ(server_->counts().accepted, 1U);
}

TEST_F(HttpClientTest, AKeptConnectionThatEndedIsNoProblem) {
  ASSERT_TRUE(client_.send({.url = url()}, soon()).ok());
  const std::uint16_t port = server_->port();
  server_.reset();
  Server::Options options;
  options.port = port;
  auto again = Server::listen(options, echo_);
  ASSERT_TRUE(again.ok()) << again.error().message();
  EXPECT_TRUE(client_.send({.method = "POST", .url = at(port)}, soon()).ok());
}

TEST_F(HttpClientTest, SendsAndReceivesMegabytes) {
  std::string big(20 << 20, 'x');
  for (std::size_t i = 0; i < big.size(); i += 997) big[i] = static_cast<char>('a' + i % 26);
  std::string taken;
  HttpRequest request{.method = "PUT", .url = url(), .answer_bytes_max = big.size()};
  request.body = base::as_bytes(big);
  request.sink = [&taken](base::Bytes bytes) {
    taken += base::as_text(bytes);
    return base::Result<void>();
  };
  const auto response = client_.send(request, soon());
  ASSERT_TRUE(response.ok()) << response.error().message();
  EXPECT_TRUE(taken == big);
  EXPECT_EQ(response->body, "");
}

TEST_F(HttpClientTest, AnyStatusIsAnAnswer) {
  const auto response = client_.send({.url = url("/missing")}, soon());
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 404);
}

TEST_F(HttpClientTest, ManyThreadsShareOne) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this, i] {
      const std::string body(static_cast<std::size_t>(1000 * (i + 1)), 'x');
      for (int j = 0; j < 20; ++j) {
        HttpRequest request{.method = "PUT", .url = url()};
        request.body = base::as_bytes(body);
        const auto response = client_.send(request, soon());
        ASSERT_TRUE(response.ok()) << response.error().message();
        EXPECT_EQ(response->body, body);
      }
    });
  }
  threads.clear();
  EXPECT_LE(server_->counts().accepted, 8U);
}

TEST_F(HttpClientTest, NoFieldStartsAnother) {
  const std::vector<HttpFields> wrong = {{{"X-A", "b\r\nX-C: d"}},
                                         {{"X-A", "b\nc"}},
                                         {{"X-A\r\nX-B", "c"}},
                                         {{"X A", "b"}},
                                         {{"", "b"}},
                                         {{"X-A", std::string(1, '\0')}},
                                         {{"Host", "other"}},
                                         {{"content-length", "1"}},
                                         {{"Transfer-Encoding", "chunked"}}};
  for (const HttpFields& fields : wrong) {
    const auto error = error_of(client_, {.url = url(), .fields = fields});
    EXPECT_EQ(error.code(), base::Code::Invalid) << fields[0].first;
  }
  EXPECT_EQ(error_of(client_, {.method = "GET /x", .url = url()}).code(), base::Code::Invalid);
  EXPECT_EQ(server_->counts().accepted, 0U);
}

TEST(HttpClientErrorTest, ARefusedConnectionIsSaid) {
  std::uint16_t port = 0;
  {
    const ScriptedServer gone([](auto&) {});
    port = gone.port();
  }
  HttpClient client({}, nullptr);
  const auto error = error_of(client, {.url = at(port, "/a?secret")});
  EXPECT_EQ(error.code(), base::Code::Unavailable);
  const std::string where = "127.0.0.1:" + std::to_string(port);
  EXPECT_EQ(error.message(),
            "GET http://" + where + "/a: " + where + ": connection refused; nothing listens there");
}

TEST(HttpClientErrorTest, AnUnknownHostIsSaid) {
  HttpClient client({}, nullptr);
  const Url url{.origin = {.tls = false, .host = "no-such-host.invalid", .port = 80}};
  const auto error = error_of(client, {.url = url});
  // Without a network the system cannot say that the name does not exist.
  EXPECT_TRUE(error.code() == base::Code::NotFound || error.code() == base::Code::Unavailable);
  EXPECT_NE(error.message().find("host \"no-such-host.invalid\": "), std::string::npos);
}

TEST(HttpClientErrorTest, TheDeadlineHoldsForTheWhole) {
  HttpClient client({}, nullptr);
  const ScriptedServer server([](auto& socket) {
    read_request(socket);
    for (int i = 0; i < 1000; ++i) {
      boost::system::error_code error;
      boost::asio::write(socket, boost::asio::buffer("HTTP/1.1 200 OK\r\n", i == 0 ? 17 : 1),
                         error);
      if (error) return;
      std::this_thread::sleep_for(milliseconds(5));
    }
  });
  const auto start = steady_clock::now();
  const auto error = error_of(client, {.url = at(server.port())}, start + milliseconds(100));
  EXPECT_EQ(error.code(), base::Code::Deadline);
  EXPECT_NE(error.message().find("deadline exceeded while waiting for the answer"),
            std::string::npos);
  EXPECT_LT(steady_clock::now() - start, std::chrono::seconds(4));
}

TEST(HttpClientErrorTest, WhoAskedMayLeave) {
  HttpClient client({}, nullptr);
  const ScriptedServer server([](auto& socket) {
    read_request(socket);
    read_request(socket);  // Until the client gives up.
  });
  int asked = 0;
  HttpRequest request{.url = at(server.port())};
  request.cancelled = [&asked] { return ++asked > 1; };
  const auto start = steady_clock::now();
  const auto error = error_of(client, request);
  EXPECT_EQ(error.code(), base::Code::Cancelled);
  EXPECT_NE(error.message().find("cancelled while waiting for the answer"), std::string::npos);
  EXPECT_LT(steady_clock::now() - start, std::chrono::seconds(4));
  // One who stays is answered all the same.
  const ScriptedServer slow([](auto& socket) {
    read_request(socket);
    write_text(socket, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  HttpRequest patient{.url = at(slow.port())};
  patient.cancelled = [] { return false; };
  EXPECT_TRUE(client.send(patient, soon()).ok());
}

TEST(ResolverTest, WhoAskedMayLeave) {
  Resolver resolver;
  const auto outcome = resolver.resolve("no-such-host.invalid", soon(), [] { return true; });
  EXPECT_FALSE(outcome.ok());
}

TEST(HttpClientErrorTest, SilenceHasALimit) {
  HttpClient client({.idle_time_max = milliseconds(50)}, nullptr);
  const ScriptedServer server([](auto& socket) {
    read_request(socket);
    read_request(socket);  // Until the client gives up.
  });
  const auto error = error_of(client, {.url = at(server.port())});
  EXPECT_EQ(error.code(), base::Code::Unavailable);
  EXPECT_NE(error.message().find("no sign of life for 50 ms"), std::string::npos);
}

TEST(HttpClientErrorTest, WhatIsNotHttpIsSaid) {
  HttpClient client({}, nullptr);
  const ScriptedServer server([](auto& socket) {
    read_request(socket);
    write_text(socket, "220 smtp.example ready\r\n\r\n");
  });
  const auto error = error_of(client, {.url = at(server.port())});
  EXPECT_EQ(error.code(), base::Code::Corrupt);
  EXPECT_NE(error.message().find("expected an HTTP answer, got "), std::string::npos);
}

TEST(HttpClientErrorTest, AnAnswerThatStopsIsNoAnswer) {
  HttpClient client({}, nullptr);
  const ScriptedServer server([](auto& socket) {
    read_request(socket);
    write_text(socket, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  });
  const auto error = error_of(client, {.url = at(server.port())});
  EXPECT_EQ(error.code(), base::Code::Unavailable);
  EXPECT_NE(error.message().find("the answer ended early"), std::string::npos);
}

TEST(HttpClientErrorTest, AnEarlyRefusalIsHeardWhileSending) {
  const std::string big(64 << 20, 'x');
  HttpClient client({}, nullptr);
  const ScriptedServer server([](auto& socket) {
    std::string head;
    boost::system::error_code error;
    boost::asio::read_until(socket, boost::asio::dynamic_buffer(head), std::string("\r\n\r\n"),
                            error);
    write_text(socket, "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
    std::string rest(1 << 20, '\0');
    while (!error) socket.read_some(boost::asio::buffer(rest), error);
  });
  HttpRequest request{.method = "PUT", .url = at(server.port())};
  request.body = base::as_bytes(big);
  const auto response = client.send(request, soon());
  ASSERT_TRUE(response.ok()) << response.error().message();
  EXPECT_EQ(response->status, 413);
  EXPECT_EQ(response->body, "big");
}

TEST(HttpClientErrorTest, OnlyWhatMayBeRepeatedIsSentAgain) {
  // Each connection answers once, and ends when it is asked again.
  const auto once = [](auto& socket) {
    read_request(socket);
    write_text(socket, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    read_request(socket);
  };
  const ScriptedServer server(once);
  HttpClient client({}, nullptr);
  ASSERT_TRUE(client.send({.url = at(server.port())}, soon()).ok());
  EXPECT_TRUE(client.send({.method = "PUT", .url = at(server.port())}, soon()).ok());
  EXPECT_EQ(server.connections(), 2);
  const auto error = error_of(client, {.method = "POST", .url = at(server.port())});
  EXPECT_EQ(error.code(), base::Code::Unavailable);
  EXPECT_EQ(server.connections(), 2);
}

TEST(HttpClientErrorTest, NothingIsReusedThatWasNotFinished) {
  const ScriptedServer server([](auto& socket) {
    read_request(socket);
    write_text(socket, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  });
  HttpClient client({}, nullptr);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(client.send({.url = at(server.port())}, soon()).ok());
  EXPECT_EQ(server.connections(), 3);
}

TEST(ResolverTest, KnowsAddressesAndLocalhostByItself) {
  Resolver resolver;
  const auto past = steady_clock::now() - std::chrono::seconds(1);
  const auto local = resolver.resolve("localhost", past);
  ASSERT_TRUE(local.ok());
  EXPECT_TRUE(local->front().is_loopback());
  const auto literal = resolver.resolve("192.0.2.7", past);
  ASSERT_TRUE(literal.ok());
  EXPECT_EQ(literal->front().to_string(), "192.0.2.7");
  const auto late = resolver.resolve("some-name.invalid", past);
  ASSERT_FALSE(late.ok());
}

TEST(ProxyBypassTest, IsByNameAndDomain) {
  const std::vector<std::string> bypass = {"exact.example", ".inner.example", "10.0.0.1"};
  for (const char* host : {"exact.example", "EXACT.example", "a.exact.example", "inner.example",
                           "a.b.inner.example", "10.0.0.1"}) {
    EXPECT_TRUE(bypasses_proxy(host, bypass)) << host;
  }
  for (const char* host : {"example", "notexact.example", "xinner.example", "10.0.0.2", ""}) {
    EXPECT_FALSE(bypasses_proxy(host, bypass)) << host;
  }
  EXPECT_TRUE(bypasses_proxy("anything", {"*"}));
  EXPECT_FALSE(bypasses_proxy("anything", {""}));
}

}  // namespace
}  // namespace net
