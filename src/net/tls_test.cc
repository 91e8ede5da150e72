#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <sys/socket.h>
#include <sys/time.h>
#include <csignal>

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "net/blocking_socket.h"
#include "net/server.h"
#include "net/test_deadline.h"
#include "net/tls_test_pair.h"

namespace net {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::make_tls_pair;
using Contexts = threads::Snapshot<TlsContext>;

// Answers with the body it got.
class PlainEcho : public Handler {
 public:
  Admission admit(const RequestHead&, Response&) override { return Admission::accept(8 << 20); }
  void handle(Exchange& exchange) override {
    exchange.response().body() = exchange.body();
    exchange.finish();
  }
};

class AuthenticatingEcho final : public PlainEcho {
 public:
  bool authenticates() const override { return true; }
};

std::shared_ptr<const TlsContext> context(const std::string& name, unsigned rsa_bits = 0) {
  const auto pair = make_tls_pair(name, rsa_bits);
  auto made = TlsContext::make(pair.certificate, pair.key);
  EXPECT_TRUE(made.ok()) << made.error().message();
  return *std::move(made);
}

// A server over TLS, whose certificate can be changed.
struct House {
  explicit House(Server::Options options = {}, unsigned rsa_bits = 0)
      : contexts(std::make_shared<Contexts>(context("first", rsa_bits))) {
    options.tls = contexts;
    auto listening = Server::listen(std::move(options), echo);
    EXPECT_TRUE(listening.ok()) << listening.error().message();
    server = *std::move(listening);
  }

  PlainEcho echo;
  std::shared_ptr<Contexts> contexts;
  std::unique_ptr<Server> server;
};

// OpenSSL's own socket raises SIGPIPE when the server has left. It is held back for the client's
// thread alone: that the server raises none is part of what is tested.
class SignalsHeldBack {
 public:
  SignalsHeldBack() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  SignalsHeldBack(const SignalsHeldBack&) = delete;
  SignalsHeldBack& operator=(const SignalsHeldBack&) = delete;
  ~SignalsHeldBack() {
    const timespec now{};
    ::sigtimedwait(&pipe_, nullptr, &now);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_{};
  sigset_t before_{};
};

struct ClientOptions {
  int version_min = 0;
  int version_max = 0;
  const char* suites = nullptr;  // Of TLS 1.2.
  const char* groups = nullptr;
  std::string_view protocols;  // As ALPN has them: each behind its length.
};

// A client that writes bytes as the test says.
class TlsPeer {
 public:
  explicit TlsPeer(const Server& server, const ClientOptions& options = {})
      : context_(::SSL_CTX_new(::TLS_client_method())) {
    ::SSL_CTX_set_security_level(context_, 0);  // What is refused is to be the server's doing.
    ::SSL_CTX_set_min_proto_version(context_, options.version_min);
    ::SSL_CTX_set_max_proto_version(context_, options.version_max);
    if (options.suites != nullptr) ::SSL_CTX_set_cipher_list(context_, options.suites);
    if (options.groups != nullptr) SSL_CTX_set1_groups_list(context_, options.groups);
    ::SSL_CTX_set_alpn_protos(context_,
                              reinterpret_cast<const unsigned char*>(options.protocols.data()),
                              static_cast<unsigned>(options.protocols.size()));
    bio_ = ::BIO_new_ssl_connect(context_);
    BIO_get_ssl(bio_, &ssl_);
    BIO_set_conn_hostname(bio_, ("127.0.0.1:" + std::to_string(server.port())).c_str());
    const SignalsHeldBack held;
    agreed_ = BIO_do_handshake(bio_) == 1;
    int fd = -1;
    BIO_get_fd(bio_, &fd);
    const timeval patience{30, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::ERR_clear_error();
  }
  TlsPeer(const TlsPeer&) = delete;
  TlsPeer& operator=(const TlsPeer&) = delete;
  ~TlsPeer() {
    ::BIO_free_all(bio_);
    ::SSL_CTX_free(context_);
  }

  bool agreed() const { return agreed_; }
  SSL& ssl() { return *ssl_; }
  std::string subject() const {
    X509* const certificate = SSL_get_peer_certificate(ssl_);
    if (certificate == nullptr) return "";
    char text[64] = "";
    ::X509_NAME_get_text_by_NID(::X509_get_subject_name(certificate), NID_commonName, text,
                                sizeof text);
    ::X509_free(certificate);
    return text;
  }

  bool send(std::string_view bytes) {
    const SignalsHeldBack held;
    std::size_t sent = 0;
    return ::SSL_write_ex(ssl_, bytes.data(), bytes.size(), &sent) == 1 && sent == bytes.size();
  }
  // The next answer, whole; "" at the end.
  std::string answer() {
    for (;;) {
      const std::size_t end = arrived_.find("\r\n\r\n");
      const std::size_t at = arrived_.find("Content-Length: ");
      if (end != std::string::npos && at < end) {
        const std::size_t whole = end + 4 + std::stoul(arrived_.substr(at + 16));
        if (arrived_.size() >= whole) {
          const std::string text = arrived_.substr(0, whole);
          arrived_.erase(0, whole);
          return text;
        }
      }
      if (!more()) return "";
    }
  }
  // Whether the server has said that nothing more comes.
  bool ended() {
    while (more()) {
    }
    return arrived_.empty() && ::SSL_get_error(ssl_, 0) == SSL_ERROR_ZERO_RETURN;
  }

 private:
  bool more() {
    char bytes[16 << 10];
    std::size_t got = 0;
    if (::SSL_read_ex(ssl_, bytes, sizeof bytes, &got) != 1) return false;
    arrived_.append(bytes, got);
    return true;
  }

  SSL_CTX* context_;
  BIO* bio_ = nullptr;
  SSL* ssl_ = nullptr;
  bool agreed_ = false;
  std::string arrived_;
};

std::string post_body(std::string_view body, std::string_view fields = "") {
  return "POST /a HTTP/1.1\r\nHost: x\r\n" + std::string(fields) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

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
  for (const std::string_view text : {std::string_view("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
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
