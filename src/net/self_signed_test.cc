#include "net/self_signed.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "net/certificate_names.h"
#include "net/local_names.h"
#include "net/test_certificate.h"
#include "net/tls_context.h"

namespace net {
namespace {

std::chrono::sys_seconds today() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

using OwnedCertificate = std::unique_ptr<X509, decltype(&::X509_free)>;

OwnedCertificate parse(const std::string& pem) {
  BIO* const bio = ::BIO_new_mem_buf(pem.data(), -1);
  OwnedCertificate made(::PEM_read_bio_X509(bio, nullptr, nullptr, nullptr), &::X509_free);
  ::BIO_free(bio);
  return made;
}

TEST(SelfSignedTest, IsForTheNamesAndNoOthers) {
  const auto pair = make_self_signed({.names = {"box", "127.0.0.1", "fd00::1"}, .starts = today()});
  ASSERT_TRUE(pair.ok()) << pair.error().message();
  const auto context = TlsContext::make(pair->certificate, pair->key);
  ASSERT_TRUE(context.ok()) << context.error().message();
  for (const char* host : {"box", "BOX", "127.0.0.1", "fd00::1", "FD00:0::1"}) {
    EXPECT_TRUE((*context)->is_for(host)) << host;
  }
  for (const char* host : {"", "boxes", "a.box", ".box", "127.0.0.2", "::1", "+127.0.0.1"}) {
    EXPECT_FALSE((*context)->is_for(host)) << host;
  }
  EXPECT_EQ((*context)->host(), "box");
  EXPECT_EQ((*context)->expires(), today() + std::chrono::hours(24 * 397));
}

TEST(SelfSignedTest, IsForAServerAlone) {
  const auto pair = make_self_signed({.names = {"box"}, .starts = today()});
  const OwnedCertificate certificate = parse(pair->certificate);
  ASSERT_NE(certificate, nullptr);
  EXPECT_EQ(::X509_check_ca(certificate.get()), 0);
  EXPECT_EQ(::X509_get_key_usage(certificate.get()), std::uint32_t{KU_DIGITAL_SIGNATURE});
  EXPECT_EQ(::X509_get_extended_key_usage(certificate.get()), std::uint32_t{XKU_SSL_SERVER});
  EXPECT_EQ(::X509_get_version(certificate.get()), 2);
  EXPECT_EQ(::EVP_PKEY_get_bits(::X509_get0_pubkey(certificate.get())), 256);
}

TEST(SelfSignedTest, NoTwoAreTheSame) {
  const auto first = make_self_signed({.names = {"box"}, .starts = today()});
  const auto second = make_self_signed({.names = {"box"}, .starts = today()});
  EXPECT_NE(first->key, second->key);
  EXPECT_NE(*certificate_fingerprint(first->certificate),
            *certificate_fingerprint(second->certificate));
  EXPECT_NE(::ASN1_INTEGER_cmp(::X509_get0_serialNumber(parse(first->certificate).get()),
                               ::X509_get0_serialNumber(parse(second->certificate).get())),
            0);
}

TEST(SelfSignedTest, RefusesWhatIsNoName) {
  for (const std::string& name :
       {std::string(), std::string("a b"), std::string("a,DNS:b"), std::string("a\nb"),
        std::string("http://a"), std::string("[::1]"), std::string(300, 'a')}) {
    EXPECT_FALSE(make_self_signed({.names = {name}, .starts = today()}).ok()) << name;
  }
  EXPECT_EQ(make_self_signed({.names = {}, .starts = today()}).error().message(),
            "certificate: expected a name that it is for");
  EXPECT_EQ(make_self_signed({.names = {"a b"}, .starts = today()}).error().message(),
            "certificate for \"a b\": expected a host's name or address");
}

TEST(SelfSignedTest, HasAFingerprint) {
  const auto pair = make_self_signed({.names = {"box"}, .starts = today()});
  const auto fingerprint = certificate_fingerprint(pair->certificate);
  ASSERT_TRUE(fingerprint.ok());
  EXPECT_EQ(fingerprint->size(), 95U);
  EXPECT_EQ(fingerprint->at(2), ':');
  EXPECT_FALSE(certificate_fingerprint("hello").ok());
}

// As `curl --cacert` does.
TEST(SelfSignedTest, AClientThatTrustsItIsSatisfied) {
  const auto pair = make_self_signed({.names = local_names("127.0.0.1"), .starts = today()});
  const auto certificate = parse(pair->certificate);
  X509_STORE* const store = ::X509_STORE_new();
  X509_STORE_CTX* const check = ::X509_STORE_CTX_new();
  ::X509_STORE_add_cert(store, certificate.get());
  ::X509_STORE_CTX_init(check, store, certificate.get(), nullptr);
  ::X509_STORE_CTX_set_purpose(check, X509_PURPOSE_SSL_SERVER);
  ::X509_VERIFY_PARAM_set1_ip_asc(::X509_STORE_CTX_get0_param(check), "127.0.0.1");
  EXPECT_EQ(::X509_verify_cert(check), 1) << ::X509_STORE_CTX_get_error(check);
  ::X509_STORE_CTX_free(check);
  ::X509_STORE_free(store);
}

TEST(LocalNamesTest, SayHowThisMachineMayBeCalled) {
  const auto has = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  const auto one = local_names("192.0.2.7");
  for (const char* name : {"localhost", "127.0.0.1", "::1", "192.0.2.7"}) {
    EXPECT_TRUE(has(one, name)) << name;
  }
  const auto all = local_names("0.0.0.0");
  EXPECT_FALSE(has(all, "0.0.0.0"));
  EXPECT_TRUE(make_self_signed({.names = all, .starts = today()}).ok());
}

TEST(LocalNamesTest, KnowsLoopbackAndWildcards) {
  for (const char* text : {"127.0.0.1", "127.9.9.9", "::1"}) EXPECT_TRUE(is_loopback(text)) << text;
  for (const char* text : {"0.0.0.0", "::", "10.0.0.1", "localhost", ""}) {
    EXPECT_FALSE(is_loopback(text)) << text;
  }
  for (const char* text : {"0.0.0.0", "::"}) EXPECT_TRUE(is_wildcard(text)) << text;
  for (const char* text : {"127.0.0.1", "localhost", ""}) EXPECT_FALSE(is_wildcard(text)) << text;
}

struct CertificateCase {
  const char* names;
  const char* host;
};

TEST(CertificateNamesTest, AHostIsTheFirstNameElseTheFirstAddress) {
  for (const CertificateCase& c :
       {CertificateCase{"DNS:a.example,DNS:b.example", "a.example"},
        CertificateCase{"DNS:*.example,IP:10.0.0.1", "10.0.0.1"},
        CertificateCase{"IP:10.0.0.1,DNS:b.example", "b.example"},
        CertificateCase{"IP:fd00::1", "fd00::1"}, CertificateCase{"email:a@b.example", ""},
        CertificateCase{"DNS:a b", ""}, CertificateCase{"DNS:a:80", ""}}) {
    const TestCertificate made = make_certificate({.name = "x", .alternative_names = c.names});
    EXPECT_EQ(certificate_host(*made.certificate), c.host) << c.names;
  }
}

TEST(CertificateNamesTest, AClientIsItsCommonNameElseAnother) {
  const struct {
    const char* name;
    const char* names;
    std::string client;
  } cases[] = {
      {"shop", "DNS:a.example", "shop"},
      {"", "URI:spiffe://a/b", "spiffe://a/b"},
      {"", "IP:10.0.0.1,email:a@b.example", "a@b.example"},
      {"", "IP:10.0.0.1", ""},
      {"a\nb", "DNS:x", "a\\x0ab"},
  };
  for (const auto& c : cases) {
    const TestCertificate made = make_certificate({.name = c.name, .alternative_names = c.names});
    EXPECT_EQ(certificate_client(*made.certificate), c.client) << c.names;
  }
  const TestCertificate longest =
      make_certificate({.name = "", .alternative_names = "URI:spiffe://" + std::string(200, 'a')});
  EXPECT_EQ(certificate_client(*longest.certificate).size(), 60U);
}

}  // namespace
}  // namespace net
