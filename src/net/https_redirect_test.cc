#include "net/https_redirect.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "net/http1_parser.h"
#include "net/test_certificate.h"
#include "net/test_peer.h"
#include "net/test_tls.h"

namespace net {
namespace {

std::shared_ptr<const TlsContext> context_for(const std::string& names) {
  const TestCertificate made = make_certificate({.name = "x", .alternative_names = names});
  return *TlsContext::make(made.pem(), made.key_pem());
}

// The status and the Location that a request gets.
std::string sent_to(const std::string& request, const TlsContext& context) {
  const Limits limits;
  Http1Parser parser(limits);
  if (parser.read_head(request) != Http1Parser::Step::Done) return "no request";
  Response response;
  redirect_to_https(parser.head(), context, response);
  const std::string fields = response.header_block();
  if (response.status() != 308) return std::to_string(response.status()) + " " + fields;
  return fields.substr(0, fields.find("\r\n"));
}

TEST(HttpsRedirectTest, SendsToTheSamePathOfAHostOfTheCertificate) {
  const auto context = context_for("DNS:faq.example,DNS:*.shop.example,IP:127.0.0.1,IP:::1");
  const struct {
    std::string_view target;
    std::string_view host;
    std::string_view location;
  } cases[] = {
      {"/score", "faq.example:8443", "https://faq.example:8443/score"},
      {"/a?b=c&d", "faq.example", "https://faq.example/a?b=c&d"},
      {"/a%20b", "FAQ.example:1", "https://FAQ.example:1/a%20b"},
      {"http://other.example/x", "faq.example", "https://faq.example/x"},
      {"//evil.example/x", "faq.example", "https://faq.example//evil.example/x"},
      {"/", "a.shop.example:443", "https://a.shop.example:443/"},
      {"/", "127.0.0.1:8080", "https://127.0.0.1:8080/"},
      {"/", "[::1]:8080", "https://[::1]:8080/"},
      // Hosts of others, and what is none.
      {"/", "evil.example:8080", "https://faq.example:8080/"},
      {"/", "10.0.0.1:8080", "https://faq.example:8080/"},
      {"/", ".example:8080", "https://faq.example:8080/"},
      {"/", "faq.example.", "https://faq.example/"},
      {"/", "faq.example:0", "https://faq.example/"},
      {"/", "faq.example:65536", "https://faq.example/"},
      {"/", "faq.example:8080:8080", "https://faq.example/"},
      {"/", "faq.example:80a", "https://faq.example/"},
      {"/", "[::1", "https://faq.example/"},
      {"/", "[::1]x", "https://faq.example/"},
      {"/", "", "https://faq.example/"},
  };
  for (const auto& c : cases) {
    const std::string request =
        "GET " + std::string(c.target) + " HTTP/1.1\r\nHost: " + std::string(c.host) + "\r\n\r\n";
    EXPECT_EQ(sent_to(request, *context), "Location: " + std::string(c.location)) << c.host;
  }
  EXPECT_EQ(sent_to("GET /x HTTP/1.0\r\n\r\n", *context), "Location: https://faq.example/x");
  EXPECT_EQ(sent_to("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", *context),
            "Location: https://faq.example/");
}

TEST(HttpsRedirectTest, WithoutAHostInTheCertificateThereIsNowhereToSendTo) {
  const auto context = context_for("DNS:*.shop.example");
  EXPECT_EQ(sent_to("GET /x HTTP/1.1\r\nHost: a.shop.example\r\n\r\n", *context),
            "Location: https://a.shop.example/x");
  EXPECT_EQ(sent_to("GET /x HTTP/1.1\r\nHost: other\r\n\r\n", *context), "400 ");
}

// The server itself, and a client that does not know that it speaks TLS.
struct RedirectingHouse {
  explicit RedirectingHouse(Limits limits = {})
      : server(serve(echo, {.limits = limits,
                            .tls = std::make_shared<testing::Contexts>(
                                context_for("DNS:localhost,IP:127.0.0.1"))})) {}
  Echo echo;
  std::unique_ptr<Server> server;
};

TEST(HttpsRedirectTest, APlainRequestIsRedirectedAndNeverHandled) {
  RedirectingHouse house;
  const std::string port = std::to_string(house.server->port());
  for (const std::string& request :
       {"GET /a?b HTTP/1.1\r\nHost: localhost:" + port + "\r\n\r\n",
        "POST /a?b HTTP/1.1\r\nHost: localhost:" + port +
            "\r\nx-api-key: secret\r\nContent-Length: 5\r\n\r\nhello",
        "POST /a?b HTTP/1.1\r\nHost: localhost:" + port +
            "\r\nExpect: 100-continue\r\nContent-Length: 5000000\r\n\r\n",
        "POST /a?b HTTP/1.1\r\nHost: localhost:" + port +
            "\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"}) {
    Peer peer(*house.server);
    peer.send(request);
    const std::string answer = peer.answer();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 308 Permanent Redirect\r\n")) << answer;
    EXPECT_NE(answer.find("\r\nLocation: https://localhost:" + port + "/a?b\r\n"),
              std::string::npos);
    EXPECT_NE(answer.find("\r\nConnection: close\r\n"), std::string::npos);
    EXPECT_TRUE(peer.ended());
  }
  EXPECT_EQ(house.echo.handled(), 0);
  EXPECT_EQ(house.server->counts().redirects, 4U);
  EXPECT_EQ(house.server->counts().handshakes_failed, 0U);
}

TEST(HttpsRedirectTest, ASecondRequestOfTheConnectionIsNotAnswered) {
  RedirectingHouse house;
  Peer peer(*house.server);
  peer.send("GET /a HTTP/1.1\r\nHost: localhost\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(peer.status(), 308);
  EXPECT_TRUE(peer.ended());
  EXPECT_EQ(house.server->counts().redirects, 1U);
}

TEST(HttpsRedirectTest, WhatIsNoRequestIsRefusedAsElsewhere) {
  RedirectingHouse house;
  const struct {
    std::string request;
    int status;
  } cases[] = {
      {"GET /a HTTP/1.1\r\n\r\n", 400},
      {"GET /a HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
      {"GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"GET /a\r\nb HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"BREW /a HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(20'000, 'a') + "\r\n\r\n", 431},
  };
  for (const auto& c : cases) {
    Peer peer(*house.server);
    peer.send(c.request);
    EXPECT_EQ(peer.status(), c.status) << c.request.substr(0, 40);
    EXPECT_TRUE(peer.ended());
  }
  EXPECT_EQ(house.server->counts().redirects, 0U);
}

TEST(HttpsRedirectTest, AHeadHasItsDeadline) {
  Limits limits;
  limits.header_time_max = std::chrono::milliseconds(40);
  RedirectingHouse house(limits);
  Peer peer(*house.server);
  peer.send("GET /a HTTP/1.1\r\nHos");
  EXPECT_EQ(peer.status(), 408);
  EXPECT_TRUE(peer.ended());
}

}  // namespace
}  // namespace net
