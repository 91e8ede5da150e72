#include "net/tls_context.h"

#include <array>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <utility>

#include <arpa/inet.h>

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/text.h"
#include "net/certificate_names.h"

namespace net {
namespace {

using base::Code;
using base::Error;

// Mozilla's server-side TLS; the client chooses among them. None of those of TLS 1.2 is among what
// RFC 9113, appendix A, forbids.
constexpr const char* kSuites13 =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* kSuites12 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
    "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:DHE-RSA-CHACHA20-POLY1305";
constexpr const char* kGroups = "X25519MLKEM768:X25519:P-256:P-384";
// Before OpenSSL 3.5, which knows the first.
constexpr const char* kOlderGroups = "X25519:P-256:P-384";
constexpr const char* kFiniteFieldGroup = "ffdhe2048";
constexpr std::size_t kChainMax = 16;
constexpr std::size_t kAuthoritiesMax = 256;
constexpr int kClientChainMax = 8;
constexpr std::string_view kProtocols[] = {"h2", "http/1.1"};  // What is preferred first.

template <auto Release>
struct Releaser {
  template <typename T>
  void operator()(T* held) const {
    Release(held);
  }
};
using Bio = std::unique_ptr<BIO, Releaser<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Releaser<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Releaser<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Releaser<EVP_PKEY_CTX_free>>;
using Context = std::unique_ptr<SSL_CTX, Releaser<SSL_CTX_free>>;

// What OpenSSL refuses of our own settings is a defect, or memory that has run out.
void must(bool done) {
  if (!done) std::abort();
}

// The last thing OpenSSL complained of, which says the most.
std::string last_problem() {
  const unsigned long code = ::ERR_peek_last_error();
  ::ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ::ERR_reason_error_string(code);
  return reason == nullptr ? "not understood" : reason;
}

Bio read_only(std::string_view text) {
  must(text.size() <= INT_MAX);
  Bio bio(::BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  must(bio != nullptr);
  return bio;
}

// A key behind a passphrase is refused: there is nobody to ask.
int no_passphrase(char*, int, int, void*) { return -1; }

base::Result<std::chrono::sys_seconds> expiry_of(const X509& certificate) {
  std::tm utc{};
  if (::ASN1_TIME_to_tm(::X509_get0_notAfter(&certificate), &utc) != 1) {
    return Error(Code::Invalid, "certificate: expected a date that it ends at");
  }
  return std::chrono::sys_seconds(std::chrono::seconds(::timegm(&utc)));
}

// Gives the context the certificates of the text, and says when the first ends.
base::Result<std::chrono::sys_seconds> use_certificates(SSL_CTX* context, std::string_view text) {
  ::ERR_clear_error();
  const Bio bio = read_only(text);
  const Certificate own(::PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr));
  if (own == nullptr) {
    return Error(Code::Invalid, fmt::format("certificate: expected PEM, got: {}", last_problem()));
  }
  TRY_ASSIGN(const auto expires, expiry_of(*own));
  if (::SSL_CTX_use_certificate(context, own.get()) != 1) {
    return Error(Code::Invalid, fmt::format("certificate: {}", last_problem()));
  }
  for (std::size_t i = 0; i < kChainMax; ++i) {
    Certificate next(::PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr));
    if (next == nullptr) {
      const bool end = ERR_GET_REASON(::ERR_peek_last_error()) == PEM_R_NO_START_LINE;
      const std::string problem = last_problem();
      if (end) return expires;
      return Error(Code::Invalid, fmt::format("certificate {}: {}", i + 2, problem));
    }
    if (::SSL_CTX_add0_chain_cert(context, next.get()) != 1) {
      return Error(Code::Invalid, fmt::format("certificate {}: {}", i + 2, last_problem()));
    }
    static_cast<void>(next.release());  // The context owns it.
  }
  return Error(Code::Exhausted, fmt::format("certificates: expected at most {}", kChainMax));
}

base::Result<void> use_key(SSL_CTX* context, std::string_view text) {
  ::ERR_clear_error();
  const Bio bio = read_only(text);
  const Key key(::PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  if (key == nullptr) {
    return Error(
        Code::Invalid,
        fmt::format("private key: expected PEM without a passphrase, got: {}", last_problem()));
  }
  if (::SSL_CTX_use_PrivateKey(context, key.get()) != 1 ||
      ::SSL_CTX_check_private_key(context) != 1) {
    return Error(Code::Invalid,
                 fmt::format("private key: expected the certificate's, got: {}", last_problem()));
  }
  return {};
}

// Who offers protocols but none of ours would not understand the answer.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_bytes,
                    const unsigned char* offered, unsigned offered_bytes, void*) {
  for (const std::string_view protocol : kProtocols) {
    for (unsigned at = 0; at < offered_bytes; at += 1U + offered[at]) {
      const unsigned bytes = offered[at];
      if (bytes != protocol.size() || at + 1 + bytes > offered_bytes) continue;
      if (std::memcmp(offered + at + 1, protocol.data(), bytes) != 0) continue;
      *chosen = offered + at + 1;
      *chosen_bytes = static_cast<unsigned char>(bytes);
      return SSL_TLSEXT_ERR_OK;
    }
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

Key finite_field_group() {
  const KeyContext how(::EVP_PKEY_CTX_new_from_name(nullptr, "DH", nullptr));
  must(how != nullptr && ::EVP_PKEY_paramgen_init(how.get()) == 1);
  std::string name = kFiniteFieldGroup;
  const std::array<OSSL_PARAM, 2> parameters = {
      ::OSSL_PARAM_construct_utf8_string("group", name.data(), 0), ::OSSL_PARAM_construct_end()};
  must(::EVP_PKEY_CTX_set_params(how.get(), parameters.data()) == 1);
  EVP_PKEY* group = nullptr;
  must(::EVP_PKEY_generate(how.get(), &group) == 1);
  return Key(group);
}

Context make_context(TlsProfile profile) {
  Context context(::SSL_CTX_new(::TLS_server_method()));
  must(context != nullptr);
  SSL_CTX* const to = context.get();
  // 112 bits: RSA from 2048 on. Elsewhere than on Debian it may not be the default.
  ::SSL_CTX_set_security_level(to, 2);
  const bool modern = profile == TlsProfile::Modern;
  must(::SSL_CTX_set_min_proto_version(to, modern ? TLS1_3_VERSION : TLS1_2_VERSION) == 1);
  must(::SSL_CTX_set_max_proto_version(to, TLS1_3_VERSION) == 1);
  must(::SSL_CTX_set_ciphersuites(to, kSuites13) == 1);
  must(::SSL_CTX_set_cipher_list(to, kSuites12) == 1);
  must(::SSL_CTX_set1_groups_list(to, kGroups) == 1 ||
       ::SSL_CTX_set1_groups_list(to, kOlderGroups) == 1);
  ::ERR_clear_error();
  Key group = finite_field_group();
  must(::SSL_CTX_set0_tmp_dh_pkey(to, group.get()) == 1);
  static_cast<void>(group.release());
  // HTTP says itself where a message ends, so a client may leave without ending TLS.
  ::SSL_CTX_set_options(
      to, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  ::SSL_CTX_clear_options(to, SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Sessions are resumed by tickets alone: a cache would grow with its clients.
  ::SSL_CTX_set_session_cache_mode(to, SSL_SESS_CACHE_OFF);
  must(::SSL_CTX_set_num_tickets(to, 1) == 1);
  // A write that is tried again may come from elsewhere in memory, and may be taken in part.
  ::SSL_CTX_set_mode(to, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                             SSL_MODE_RELEASE_BUFFERS);
  ::SSL_CTX_set_read_ahead(to, 1);
  ::SSL_CTX_set_alpn_select_cb(to, choose_protocol, nullptr);
  return context;
}

// Adds the authorities of the text to those that clients' certificates must lead to.
base::Result<void> add_authorities(SSL_CTX* context, std::string_view text) {
  ::ERR_clear_error();
  const Bio bio = read_only(text);
  for (std::size_t i = 0; i <= kAuthoritiesMax; ++i) {
    const Certificate next(::PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr));
    if (next == nullptr) {
      const bool end = ERR_GET_REASON(::ERR_peek_last_error()) == PEM_R_NO_START_LINE;
      const std::string problem = last_problem();
      if (end && i > 0) return {};
      return Error(Code::Invalid, fmt::format("client authority {}: {}", i + 1, problem));
    }
    // The second is for clients that have several certificates, to know which would do.
    must(::X509_STORE_add_cert(::SSL_CTX_get_cert_store(context), next.get()) == 1);
    must(::SSL_CTX_add_client_CA(context, next.get()) == 1);
  }
  return Error(Code::Exhausted,
               fmt::format("client authorities: expected at most {}", kAuthoritiesMax));
}

base::Result<void> ask_for_certificates(SSL_CTX* context, const TlsContext::Options& options) {
  TRY(add_authorities(context, *options.client_authorities));
  // An authority of the file is trusted as it is, also one that another has signed.
  ::X509_STORE_set_flags(::SSL_CTX_get_cert_store(context), X509_V_FLAG_PARTIAL_CHAIN);
  ::SSL_CTX_set_verify_depth(context, kClientChainMax);
  const int demand = options.client_required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
  ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER | demand, nullptr);
  // The server's own chain is what its file says, whatever its clients' authorities sign.
  ::SSL_CTX_set_mode(context, SSL_MODE_NO_AUTO_CHAIN);
  ::SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  must(::SSL_CTX_set_num_tickets(context, 0) == 1);
  return {};
}

}  // namespace

std::optional<TlsProfile> find_tls_profile(std::string_view name) {
  if (name == "intermediate") return TlsProfile::Intermediate;
  if (name == "modern") return TlsProfile::Modern;
  return std::nullopt;
}

base::Result<std::shared_ptr<const TlsContext>> TlsContext::make(std::string_view certificates,
                                                                 std::string_view key,
                                                                 const Options& options) {
  Context context = make_context(options.profile);
  TRY_ASSIGN(const auto expires, use_certificates(context.get(), certificates));
  TRY(use_key(context.get(), key));
  if (options.client_authorities) TRY(ask_for_certificates(context.get(), options));
  return std::shared_ptr<const TlsContext>(new TlsContext(context.release(), expires));
}

TlsContext::TlsContext(SSL_CTX* context, std::chrono::sys_seconds expires)
    : context_(context),
      expires_(expires),
      host_(certificate_host(*::SSL_CTX_get0_certificate(context))) {}

TlsContext::~TlsContext() { ::SSL_CTX_free(context_); }

bool TlsContext::is_for(std::string_view host) const {
  X509* const certificate = ::SSL_CTX_get0_certificate(context_);
  const std::string text(host);
  std::array<unsigned char, sizeof(in6_addr)> address{};
  std::size_t bytes = 0;
  if (::inet_pton(AF_INET, text.c_str(), address.data()) == 1) bytes = sizeof(in_addr);
  if (::inet_pton(AF_INET6, text.c_str(), address.data()) == 1) bytes = sizeof(in6_addr);
  if (bytes > 0) return ::X509_check_ip(certificate, address.data(), bytes, 0) == 1;
  if (text.empty() || text.front() == '.') return false;  // A dot would stand for a whole domain.
  return ::X509_check_host(certificate, text.data(), text.size(), 0, nullptr) == 1;
}

}  // namespace net
