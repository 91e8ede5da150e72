#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <openssl/objects.h>
#include <openssl/ssl.h>

#include "net/test_tls.h"

// What a server agrees on with a client of each version and suite, by its profile.

namespace net {
namespace {

using testing::ClientOptions;
using testing::House;
using testing::make_tls_pair;
using testing::post_body;
using testing::TlsPeer;

std::shared_ptr<const TlsContext> context_of(TlsProfile profile, unsigned rsa_bits) {
  const auto pair = make_tls_pair("x", rsa_bits);
  return *TlsContext::make(pair.certificate, pair.key, {.profile = profile});
}

struct SuiteCase {
  const char* suite;
  bool ecdsa;  // Whether a certificate of P-256 can use it.
  bool rsa;
};

constexpr SuiteCase kOlderSuites[] = {
    {"ECDHE-ECDSA-AES128-GCM-SHA256", true, false},
    {"ECDHE-ECDSA-AES256-GCM-SHA384", true, false},
    {"ECDHE-ECDSA-CHACHA20-POLY1305", true, false},
    {"ECDHE-RSA-AES128-GCM-SHA256", false, true},
    {"ECDHE-RSA-AES256-GCM-SHA384", false, true},
    {"ECDHE-RSA-CHACHA20-POLY1305", false, true},
    {"DHE-RSA-AES128-GCM-SHA256", false, true},
    {"DHE-RSA-AES256-GCM-SHA384", false, true},
    {"DHE-RSA-CHACHA20-POLY1305", false, true},
    {"ECDHE-ECDSA-AES128-SHA256", false, false},
    {"ECDHE-ECDSA-AES128-SHA", false, false},
    {"ECDHE-ECDSA-AES128-CCM", false, false},
    {"ECDHE-RSA-AES256-SHA384", false, false},
    {"AES256-GCM-SHA384", false, false},
    {"AES128-SHA", false, false},
    {"ADH-AES128-GCM-SHA256", false, false},
};
constexpr const char* kSuites[] = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
                                   "TLS_CHACHA20_POLY1305_SHA256"};

TEST(TlsProfileTest, IntermediateSpeaksTls12WithTheseSuitesAlone) {
  for (const unsigned rsa_bits : {0U, 2048U}) {
    House house(context_of(TlsProfile::Intermediate, rsa_bits));
    for (const SuiteCase& c : kOlderSuites) {
      TlsPeer peer(*house.server, {.version_max = TLS1_2_VERSION, .suites = c.suite});
      ASSERT_EQ(peer.agreed(), rsa_bits > 0 ? c.rsa : c.ecdsa) << c.suite << " " << rsa_bits;
      if (!peer.agreed()) continue;
      EXPECT_EQ(peer.suite(), c.suite);
      EXPECT_EQ(peer.version(), "TLSv1.2");
      ASSERT_TRUE(peer.send(post_body("x")));
      EXPECT_TRUE(peer.answer().ends_with("x")) << c.suite;
    }
  }
}

TEST(TlsProfileTest, BothSpeakTls13WithEachOfItsSuites) {
  for (const TlsProfile profile : {TlsProfile::Intermediate, TlsProfile::Modern}) {
    House house(context_of(profile, 0));
    for (const char* suite : kSuites) {
      TlsPeer peer(*house.server, {.version_min = TLS1_3_VERSION, .suites13 = suite});
      ASSERT_TRUE(peer.agreed()) << suite;
      EXPECT_EQ(peer.suite(), suite);
      ASSERT_TRUE(peer.send(post_body("x")));
      EXPECT_TRUE(peer.answer().ends_with("x")) << suite;
    }
    const TlsPeer other(*house.server,
                        {.version_min = TLS1_3_VERSION, .suites13 = "TLS_AES_128_CCM_SHA256"});
    EXPECT_FALSE(other.agreed());
  }
}

TEST(TlsProfileTest, ModernSpeaksNothingOlder) {
  House house(context_of(TlsProfile::Modern, 0));
  const TlsPeer older(*house.server, {.version_max = TLS1_2_VERSION});
  EXPECT_FALSE(older.agreed());
  const TlsPeer newest(*house.server);
  EXPECT_TRUE(newest.agreed());
  EXPECT_EQ(newest.version(), "TLSv1.3");
}

// RFC 9113, appendix A, lists all suites but those with keys of the moment and authenticated
// encryption.
TEST(TlsProfileTest, NoSuiteIsOneThatHttp2Forbids) {
  const auto context = context_of(TlsProfile::Intermediate, 0);
  const STACK_OF(SSL_CIPHER)* const suites = ::SSL_CTX_get_ciphers(&context->native());
  ASSERT_EQ(sk_SSL_CIPHER_num(suites), 12);
  for (int i = 0; i < sk_SSL_CIPHER_num(suites); ++i) {
    const SSL_CIPHER* const suite = sk_SSL_CIPHER_value(suites, i);
    const int exchange = ::SSL_CIPHER_get_kx_nid(suite);
    EXPECT_EQ(::SSL_CIPHER_is_aead(suite), 1) << ::SSL_CIPHER_get_name(suite);
    EXPECT_TRUE(exchange == NID_kx_ecdhe || exchange == NID_kx_dhe || exchange == NID_kx_any)
        << ::SSL_CIPHER_get_name(suite);
  }
}

TEST(TlsProfileTest, Http2IsAgreedOnWithEachOlderSuite) {
  for (const unsigned rsa_bits : {0U, 2048U}) {
    House house(context_of(TlsProfile::Intermediate, rsa_bits));
    for (const SuiteCase& c : kOlderSuites) {
      if (!(rsa_bits > 0 ? c.rsa : c.ecdsa)) continue;
      TlsPeer peer(
          *house.server,
          {.version_max = TLS1_2_VERSION, .suites = c.suite, .protocols = "\x02h2\x08http/1.1"});
      const unsigned char* chosen = nullptr;
      unsigned bytes = 0;
      ::SSL_get0_alpn_selected(&peer.ssl(), &chosen, &bytes);
      EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(chosen), bytes), "h2") << c.suite;
    }
  }
}

TEST(TlsProfileTest, ProfilesHaveNames) {
  EXPECT_EQ(find_tls_profile("modern"), TlsProfile::Modern);
  EXPECT_EQ(find_tls_profile("intermediate"), TlsProfile::Intermediate);
  EXPECT_EQ(find_tls_profile("old"), std::nullopt);
}

// The program's words about a handshake; "" where it says that there was none.
std::string asked_by_openssl(const Server& server, const std::string& flags) {
  const std::string command =
      "openssl s_client -connect 127.0.0.1:" + std::to_string(server.port()) + " -brief " + flags +
      " </dev/null 2>&1";
  FILE* const said = ::popen(command.c_str(), "r");
  if (said == nullptr) return "";
  std::string text;
  std::array<char, 4096> part{};
  while (std::size_t got = std::fread(part.data(), 1, part.size(), said)) {
    text.append(part.data(), got);
  }
  ::pclose(said);
  return text.find("CONNECTION ESTABLISHED") == std::string::npos ? "" : text;
}

TEST(TlsProfileTest, AnotherClientSeesTheSame) {
  if (std::system("openssl version >/dev/null 2>&1") != 0) GTEST_SKIP() << "needs openssl";
  House intermediate(context_of(TlsProfile::Intermediate, 0));
  House modern(context_of(TlsProfile::Modern, 0));
  const std::string older = "-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256";
  EXPECT_NE(asked_by_openssl(*intermediate.server, older).find("TLSv1.2"), std::string::npos);
  EXPECT_NE(asked_by_openssl(*intermediate.server, "-tls1_3").find("TLSv1.3"), std::string::npos);
  EXPECT_NE(asked_by_openssl(*modern.server, "-tls1_3").find("TLSv1.3"), std::string::npos);
  EXPECT_EQ(asked_by_openssl(*modern.server, older), "");
  EXPECT_EQ(asked_by_openssl(*intermediate.server, "-tls1_1 -cipher ALL:@SECLEVEL=0"), "");
  EXPECT_EQ(asked_by_openssl(*intermediate.server, "-tls1_2 -cipher AES128-SHA"), "");
}

}  // namespace
}  // namespace net
