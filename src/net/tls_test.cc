#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <sys/socket.h>

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "net/blocking_socket.h"
#include "net/server.h"
#include "net/test_deadline.h"
#include "net/test_tls.h"

namespace net {
namespace {

using std::chrono::milliseconds;
using testing::AuthenticatingEcho;
using testing::ClientOptions;
using testing::context;
using testing::Contexts;
using testing::House;
using testing::make_tls_pair;
using testing::PlainEcho;
using testing::post_body;
using testing::TlsPeer;

TEST(TlsTest, AnswersRequestsOneAfterAnother) {
  House house;
  TlsPeer peer(*house.server);
  ASSERT_TRUE(peer.agreed());
  for (int i = 0; i < 100; ++i) {
    const std::string body = std::to_string(i);
    ASSERT_TRUE(peer.send(post_body(body)));
    ASSERT_TRUE(peer.answer().ends_with("\r\n\r\n" + body));
  }
}

TEST(TlsTest, AnswersPipelinedRequestsInOrder) {
  House house;
  TlsPeer peer(*house.server);
  std::string all;
  for (int i = 0; i < 300; ++i) all += post_body(std::to_string(i));
  ASSERT_TRUE(peer.send(all));
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(peer.answer().ends_with("\r\n\r\n" + std::to_string(i))) << i;
  }
}

TEST(TlsTest, AnAnswerIsOneRecord) {
  House house;
  TlsPeer peer(*house.server);
  std::atomic<int> records = 0;
  ::SSL_set_msg_callback(
      &peer.ssl(), [](int sent, int, int type, const void*, std::size_t, SSL*, void* counter) {
        if (sent == 0 && type == SSL3_RT_HEADER) ++*static_cast<std::atomic<int>*>(counter);
      });
  SSL_set_msg_callback_arg(&peer.ssl(), &records);
  ASSERT_TRUE(peer.send(post_body("first")));  // With it comes the session's ticket.
  peer.answer();
  records = 0;
  ASSERT_TRUE(peer.send(post_body("second")));
  EXPECT_TRUE(peer.answer().ends_with("second"));
  EXPECT_EQ(records, 1);
}

TEST(TlsTest, CarriesLargeBodiesBothWays) {
  House house;
  std::string body(4 << 20, ' ');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i % 23);
  TlsPeer peer(*house.server);
  for (int i = 0; i < 3; ++i) {
    // The server answers once it has read everything, so neither waits for the other.
    ASSERT_TRUE(peer.send(post_body(body)));
    EXPECT_TRUE(peer.answer().ends_with(body));
  }
}

TEST(TlsTest, AsksForTheBodyThatWasAnnounced) {
  House house;
  TlsPeer peer(*house.server);
  ASSERT_TRUE(peer.send(
      "POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"));
  std::string interim(25, '\0');
  ASSERT_EQ(::SSL_read(&peer.ssl(), interim.data(), 25), 25);
  EXPECT_EQ(interim, "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(peer.send("hello"));
  EXPECT_TRUE(peer.answer().ends_with("hello"));
}

TEST(TlsTest, SaysWhenNothingMoreComes) {
  House house;
  TlsPeer closing(*house.server);
  ASSERT_TRUE(closing.send(post_body("x", "Connection: close\r\n")));
  EXPECT_TRUE(closing.answer().ends_with("x"));
  EXPECT_TRUE(closing.ended());
  // Behind a refusal, too, while the client still sends.
  TlsPeer refused(*house.server);
  ASSERT_TRUE(refused.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\nabc"));
  EXPECT_TRUE(refused.answer().starts_with("HTTP/1.1 413"));
  EXPECT_TRUE(refused.ended());
}

TEST(TlsTest, SpeaksTheVersionsSuitesAndGroupsOfTheDayAndNoOthers) {
  const struct {
    ClientOptions client;
    bool agreed;
  } cases[] = {
      {{.version_min = TLS1_3_VERSION}, true},
      {{.version_max = TLS1_2_VERSION}, true},
      {{.version_max = TLS1_1_VERSION, .suites = "ALL:@SECLEVEL=0"}, false},
      {{.version_max = TLS1_2_VERSION, .suites = "ECDHE-RSA-AES128-GCM-SHA256"}, true},
      {{.version_max = TLS1_2_VERSION, .suites = "ECDHE-RSA-CHACHA20-POLY1305"}, true},
      {{.version_max = TLS1_2_VERSION, .suites = "DHE-RSA-AES256-GCM-SHA384"}, true},
      {{.version_max = TLS1_2_VERSION, .suites = "ECDHE-RSA-AES128-SHA256"}, false},
      {{.version_max = TLS1_2_VERSION, .suites = "AES128-GCM-SHA256"}, false},
      {{.version_max = TLS1_2_VERSION, .suites = "aNULL"}, false},
      {{.version_min = TLS1_3_VERSION, .groups = "X25519"}, true},
      {{.version_min = TLS1_3_VERSION, .groups = "P-384"}, true},
      {{.version_min = TLS1_3_VERSION, .groups = "P-521"}, false},
      {{.protocols = "\x03old\x08http/1.1"}, true},
      {{.protocols = "\x03xyz"}, false},
  };
  House house({}, 2048);
  std::uint64_t failed = 0;
  for (const auto& c : cases) {
    TlsPeer peer(*house.server, c.client);
    ASSERT_EQ(peer.agreed(), c.agreed) << &c - cases;
    if (!c.agreed) ++failed;
    if (!c.agreed) continue;
    EXPECT_TRUE(peer.send(post_body("x")));
    EXPECT_TRUE(peer.answer().ends_with("x"));
  }
  while (house.server->counts().connections > 0) std::this_thread::yield();
  EXPECT_EQ(house.server->counts().handshakes_failed, failed);
}

TEST(TlsTest, ChoosesHttpByName) {
  House house;
  TlsPeer peer(*house.server, {.protocols = "\x02h2\x08http/1.1"});
  const unsigned char* chosen = nullptr;
  unsigned bytes = 0;
  ::SSL_get0_alpn_selected(&peer.ssl(), &chosen, &bytes);
  EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(chosen), bytes), "h2");
}

TEST(TlsTest, RefusesToRenegotiate) {
  House house;
  TlsPeer peer(*house.server, {.version_max = TLS1_2_VERSION});
  ASSERT_TRUE(peer.send(post_body("x")));
  peer.answer();
  ::SSL_renegotiate(&peer.ssl());
  EXPECT_NE(::SSL_do_handshake(&peer.ssl()), 1);
}

TEST(TlsTest, AChangedCertificateIsForNewConnectionsAndDropsNone) {
  House house;
  TlsPeer before(*house.server);
  EXPECT_EQ(before.subject(), "first");
  house.contexts->publish(context("second"));
  TlsPeer after(*house.server);
  EXPECT_EQ(after.subject(), "second");
  for (TlsPeer* const peer : {&before, &after}) {
    ASSERT_TRUE(peer->send(post_body("x")));
    EXPECT_TRUE(peer->answer().ends_with("x"));
  }
}

TEST(TlsTest, CertificatesMayChangeUnderLoad) {
  House house({.threads = 2});
  std::vector<std::shared_ptr<const TlsContext>> contexts;
  for (int i = 0; i < 8; ++i) contexts.push_back(context(std::to_string(i)));
  std::atomic<bool> done = false;
  std::jthread changer([&] {
    for (std::size_t i = 0; !done; ++i) house.contexts->publish(contexts[i % contexts.size()]);
  });
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 4; ++i) {
      clients.emplace_back([&] {
        for (int n = 0; n < 50; ++n) {
          TlsPeer peer(*house.server);
          if (peer.send(post_body("x")) && peer.answer().ends_with("x")) ++good;
        }
      });
    }
  }
  done = true;
  EXPECT_EQ(good, 200);
}

TEST(TlsTest, AHandshakeHasADeadline) {
  Limits limits;
  limits.header_time_max = milliseconds(40);
  House house({.limits = limits});
  auto silent = BlockingSocket::connect("127.0.0.1", house.server->port(), soon());
  ASSERT_TRUE(silent.ok());
  std::string arrived;
  EXPECT_EQ(*silent->receive(arrived, soon()), 0U);
  EXPECT_EQ(house.server->counts().timeouts, 1U);
}

TEST(TlsTest, AHandshakeCountsAsAConnection) {
  Limits limits;
  limits.connections_max = 1;
  House house({.limits = limits});
  auto silent = BlockingSocket::connect("127.0.0.1", house.server->port(), soon());
  ASSERT_TRUE(silent.ok());
  while (house.server->counts().connections < 1) std::this_thread::yield();
  TlsPeer refused(*house.server);
  EXPECT_FALSE(refused.agreed());
  EXPECT_EQ(house.server->counts().connections_refused, 1U);
}

TEST(TlsTest, WhoSpeaksNoTlsIsLeft) {
  House house;
  for (const std::string_view text : {std::string_view("get / HTTP/1.1\r\nHost: x\r\n\r\n"),
                                      std::string_view("\x16\x03\x01\xff\xff\x01\xff\xff\xff", 9),
                                      std::string_view("\0\0\0\0\0\0", 6)}) {
    auto peer = BlockingSocket::connect("127.0.0.1", house.server->port(), soon());
    ASSERT_TRUE(peer.ok());
    ASSERT_TRUE(peer->send(text, soon()).ok());
    std::string arrived;
    while (true) {
      const auto got = peer->receive(arrived, soon());
      if (!got.ok() || *got == 0) break;
    }
    EXPECT_EQ(arrived.find("HTTP/1.1"), std::string::npos);
  }
  while (house.server->counts().connections > 0) std::this_thread::yield();
  EXPECT_EQ(house.server->counts().handshakes_failed, 3U);
}

TEST(TlsTest, ClientsThatVanishLeaveNothingBehind) {
  House house;
  for (int i = 0; i < 20; ++i) {
    TlsPeer peer(*house.server);
    const int fd = ::SSL_get_fd(&peer.ssl());
    ASSERT_TRUE(peer.send(post_body(std::string(1 << 20, 'x'))));
    const linger at_once{1, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  while (house.server->counts().connections > 0) std::this_thread::yield();
  TlsPeer peer(*house.server);
  ASSERT_TRUE(peer.send(post_body("still here")));
  EXPECT_TRUE(peer.answer().ends_with("still here"));
}

TEST(TlsTest, StoppingEndsHandshakesAndFinishesWhatIsInFlight) {
  House house;
  auto silent = BlockingSocket::connect("127.0.0.1", house.server->port(), soon());
  TlsPeer idle(*house.server);
  ASSERT_TRUE(idle.send(post_body("x")));
  idle.answer();
  while (house.server->counts().connections < 2) std::this_thread::yield();
  EXPECT_TRUE(house.server->stop(soon()));
  EXPECT_TRUE(idle.ended());
  std::string arrived;
  EXPECT_EQ(*silent->receive(arrived, soon()), 0U);
}

TEST(TlsTest, OtherAddressesNeedTlsAndAHandlerThatAuthenticates) {
  PlainEcho open;
  AuthenticatingEcho guarded;
  const auto contexts = std::make_shared<Contexts>(context("x"));
  EXPECT_FALSE(Server::listen({.address = "0.0.0.0", .tls = contexts}, open).ok());
  EXPECT_FALSE(Server::listen({.address = "0.0.0.0"}, guarded).ok());
  EXPECT_TRUE(Server::listen({.address = "0.0.0.0", .tls = contexts}, guarded).ok());
}

TEST(TlsContextTest, RefusesWhatIsNoPair) {
  const auto one = make_tls_pair("one");
  const auto other = make_tls_pair("other");
  const auto weak = make_tls_pair("weak", 1024);
  const struct {
    std::string certificate;
    std::string key;
    std::string_view message;
  } cases[] = {
      {"", one.key, "certificate: expected PEM, got: no start line"},
      {one.certificate.substr(0, 200), one.key, "certificate: expected PEM, got: bad end line"},
      {one.certificate, "", "private key: expected PEM without a passphrase, got: unsupported"},
      {one.certificate, other.key,
       "private key: expected the certificate's, got: key values mismatch"},
      {weak.certificate, weak.key, "certificate: ee key too small"},
      {one.certificate + other.certificate.substr(0, 200), one.key, "certificate 2: bad end line"},
  };
  for (const auto& c : cases) {
    const auto made = TlsContext::make(c.certificate, c.key);
    ASSERT_FALSE(made.ok()) << c.message;
    EXPECT_EQ(made.error().message(), c.message);
  }
  // A chain is fine.
  EXPECT_TRUE(TlsContext::make(one.certificate + other.certificate, one.key).ok());
}

TEST(TlsContextTest, KnowsWhenItsCertificateEnds) {
  const auto left = context("x")->expires() - std::chrono::system_clock::now();
  EXPECT_GT(left, std::chrono::minutes(58));
  EXPECT_LE(left, std::chrono::minutes(60));
}

}  // namespace
}  // namespace net
