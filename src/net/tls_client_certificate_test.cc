#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "net/test_certificate.h"
#include "net/test_tls.h"

// Clients that show certificates: who is let in, what the server knows of them, and that neither
// changed authorities nor changed certificates cost anybody a request.

namespace net {
namespace {

using testing::ClientOptions;
using testing::House;
using testing::make_tls_pair;
using testing::post_body;
using testing::TlsPeer;

constexpr const char* kWho = "GET /who HTTP/1.1\r\nHost: x\r\n\r\n";

ClientOptions shows(const TestCertificate& certificate) {
  ClientOptions options;
  options.certificate = certificate.pem();
  options.key = certificate.key_pem();
  return options;
}

TestCertificate client_of(const TestCertificate& authority, const std::string& name) {
  return make_certificate({.name = name, .alternative_names = "DNS:client", .issuer = &authority});
}

std::shared_ptr<const TlsContext> asking(const std::string& authorities, bool required = true) {
  const auto pair = make_tls_pair("server");
  auto made = TlsContext::make(pair.certificate, pair.key,
                               {.client_authorities = authorities, .client_required = required});
  EXPECT_TRUE(made.ok()) << made.error().message();
  return *std::move(made);
}

// Of TLS 1.3 a client learns only when it reads that it was refused.
bool is_served(TlsPeer& peer) {
  return peer.agreed() && peer.send(kWho) && peer.answer().starts_with("HTTP/1.1 200");
}

TEST(TlsClientCertificateTest, OnlyWhoHasOneOfTheAuthorityIsLetIn) {
  const TestCertificate authority = make_certificate({.name = "ours"});
  const TestCertificate other = make_certificate({.name = "ours"});
  const TestCertificate good = client_of(authority, "shop");
  const TestCertificate forged = client_of(other, "shop");
  const TestCertificate alone = make_certificate({.name = "shop", .alternative_names = "DNS:x"});
  const TestCertificate ended = make_certificate(
      {.name = "shop", .alternative_names = "DNS:x", .issuer = &authority, .ends_in_s = -60});
  const TestCertificate future = make_certificate(
      {.name = "shop", .alternative_names = "DNS:x", .issuer = &authority, .starts_in_s = 60});
  House house(asking(authority.pem()));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const auto serves = [&](ClientOptions options) {
      options.version_min = options.version_max = version;
      TlsPeer peer(*house.server, options);
      return is_served(peer);
    };
    EXPECT_TRUE(serves(shows(good)));
    EXPECT_FALSE(serves({}));
    for (const TestCertificate* each : {&forged, &alone, &ended, &future}) {
      EXPECT_FALSE(serves(shows(*each)));
    }
  }
  while (house.server->counts().connections > 0) std::this_thread::yield();
  EXPECT_EQ(house.server->counts().handshakes_failed, 10U);
}

TEST(TlsClientCertificateTest, TheServerKnowsWhoItIs) {
  const TestCertificate authority = make_certificate({});
  House house(asking(authority.pem()));
  TlsPeer peer(*house.server, shows(client_of(authority, "shop")));
  ASSERT_TRUE(peer.send(kWho));
  EXPECT_TRUE(peer.answer().ends_with("\r\n\r\nshop"));
}

TEST(TlsClientCertificateTest, WhereItIsOptionalAWrongOneIsRefusedAllTheSame) {
  const TestCertificate authority = make_certificate({.name = "ours"});
  const TestCertificate other = make_certificate({.name = "ours"});
  House house(asking(authority.pem(), false));
  TlsPeer without(*house.server);
  ASSERT_TRUE(without.send(kWho));
  EXPECT_TRUE(without.answer().ends_with("\r\n\r\n"));
  TlsPeer with(*house.server, shows(client_of(authority, "shop")));
  ASSERT_TRUE(with.send(kWho));
  EXPECT_TRUE(with.answer().ends_with("\r\n\r\nshop"));
  TlsPeer wrong(*house.server, shows(client_of(other, "shop")));
  EXPECT_FALSE(is_served(wrong));
}

TEST(TlsClientCertificateTest, AnAuthorityThatAnotherSignedIsTrustedByItself) {
  const TestCertificate root = make_certificate({});
  const TestCertificate between = make_certificate({.name = "between", .issuer = &root});
  House house(asking(between.pem()));
  TlsPeer of_it(*house.server, shows(client_of(between, "shop")));
  EXPECT_TRUE(is_served(of_it));
  TlsPeer of_the_root(*house.server, shows(client_of(root, "shop")));
  EXPECT_FALSE(is_served(of_the_root));
}

TEST(TlsClientCertificateTest, SessionsAreNotResumed) {
  const TestCertificate authority = make_certificate({});
  House house(asking(authority.pem()));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    ClientOptions options = shows(client_of(authority, "shop"));
    options.version_max = version;
    TlsPeer peer(*house.server, options);
    ASSERT_TRUE(is_served(peer));
    EXPECT_EQ(::SSL_SESSION_has_ticket(::SSL_get0_session(&peer.ssl())), 0);
  }
}

TEST(TlsClientCertificateTest, RefusesWhatHoldsNoAuthority) {
  const auto pair = make_tls_pair("server");
  const std::string half = make_certificate({}).pem().substr(0, 200);
  const struct {
    std::string text;
    std::string_view message;
  } cases[] = {
      {"", "client authority 1: no start line"},
      {"hello", "client authority 1: no start line"},
      {half, "client authority 1: bad end line"},
      {make_certificate({}).pem() + half, "client authority 2: bad end line"},
  };
  for (const auto& c : cases) {
    const auto made = TlsContext::make(pair.certificate, pair.key, {.client_authorities = c.text});
    ASSERT_FALSE(made.ok()) << c.message;
    EXPECT_EQ(made.error().message(), c.message);
  }
}

// Half of the requests are on their way when everything changes, again and again.
TEST(TlsClientCertificateTest, RequestsInFlightOutliveEveryChange) {
  const TestCertificate first = make_certificate({.name = "first"});
  const TestCertificate second = make_certificate({.name = "second"});
  House house(asking(first.pem()), {.threads = 2});
  std::vector<std::unique_ptr<TlsPeer>> peers;
  const std::string body(100'000, 'x');
  const std::string request = post_body(body);
  for (int i = 0; i < 32; ++i) {
    peers.push_back(std::make_unique<TlsPeer>(*house.server, shows(client_of(first, "shop"))));
    ASSERT_TRUE(is_served(*peers.back())) << i;
    ASSERT_TRUE(peers.back()->send(request.substr(0, request.size() / 2))) << i;
  }
  house.contexts->publish(asking(first.pem() + second.pem()));
  house.contexts->publish(asking(second.pem()));
  for (auto& peer : peers) {
    ASSERT_TRUE(peer->send(request.substr(request.size() / 2)));
    EXPECT_TRUE(peer->answer().ends_with(body));
  }
  TlsPeer late(*house.server, shows(client_of(first, "shop")));
  EXPECT_FALSE(is_served(late));
  TlsPeer next(*house.server, shows(client_of(second, "shop")));
  EXPECT_TRUE(is_served(next));
}

TEST(TlsClientCertificateTest, CertificatesAndAuthoritiesMayChangeUnderLoad) {
  const TestCertificate lasting = make_certificate({.name = "lasting"});
  const TestCertificate passing = make_certificate({.name = "passing"});
  House house(asking(lasting.pem()), {.threads = 2});
  std::vector<std::shared_ptr<const TlsContext>> contexts;
  for (int i = 0; i < 4; ++i) contexts.push_back(asking(lasting.pem()));
  for (int i = 0; i < 4; ++i) contexts.push_back(asking(passing.pem() + lasting.pem()));
  const ClientOptions client = shows(client_of(lasting, "shop"));
  std::atomic<bool> done = false;
  std::atomic<int> good = 0;
  std::jthread changer([&] {
    for (std::size_t i = 0; !done; ++i) house.contexts->publish(contexts[i % contexts.size()]);
  });
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 4; ++i) {
      clients.emplace_back([&, lasts = i % 2 == 0] {
        auto peer = std::make_unique<TlsPeer>(*house.server, client);
        for (int n = 0; n < 40; ++n) {
          if (is_served(*peer)) ++good;
          if (!lasts) peer = std::make_unique<TlsPeer>(*house.server, client);
        }
      });
    }
  }
  done = true;
  EXPECT_EQ(good, 160);
}

}  // namespace
}  // namespace net
