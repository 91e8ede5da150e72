#include "net/self_signed.h"

#include <array>
#include <cstdlib>
#include <ctime>
#include <memory>

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/text.h"
#include "net/local_names.h"
#include "net/request.h"

namespace net {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kCommonNameMax = 64;  // RFC 5280, appendix A.
constexpr std::size_t kHostBytesMax = 253;
constexpr int kSerialBits = 159;  // At most 20 bytes, and positive.
constexpr long kVersion3 = 2;

struct BioDeleter {
  void operator()(BIO* bio) const { ::BIO_free_all(bio); }
};
struct CertificateDeleter {
  void operator()(X509* certificate) const { ::X509_free(certificate); }
};
struct KeyDeleter {
  void operator()(EVP_PKEY* key) const { ::EVP_PKEY_free(key); }
};
using BioOwner = std::unique_ptr<BIO, BioDeleter>;
using CertificateOwner = std::unique_ptr<X509, CertificateDeleter>;
using KeyOwner = std::unique_ptr<EVP_PKEY, KeyDeleter>;

// Only memory can run out here.
void expect_done(bool done) {
  if (!done) std::abort();
}

// What cannot be mistaken for anything else where OpenSSL reads the list of names.
bool is_host_name(std::string_view name) {
  return !name.empty() && name.size() <= kHostBytesMax && is_host(name) &&
         name.find_first_of(",:[]%!$&'()*+;=") == std::string_view::npos;
}

// "DNS:localhost,IP:127.0.0.1"
base::Result<std::string> name_list(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) {
    const bool address = is_ip_address(name);
    if (!address && !is_host_name(name)) {
      return Error(
          Code::Invalid,
          fmt::format("certificate for {}: expected a host's name or address", base::quote(name)));
    }
    list += fmt::format("{}{}:{}", list.empty() ? "" : ",", address ? "IP" : "DNS", name);
  }
  if (list.empty()) return Error(Code::Invalid, "certificate: expected a name that it is for");
  return list;
}

void extend(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = ::X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  expect_done(extension != nullptr && ::X509_add_ext(certificate, extension, -1) == 1);
  ::X509_EXTENSION_free(extension);
}

void number_it(X509* certificate) {
  BIGNUM* const number = ::BN_new();
  expect_done(number != nullptr &&
              ::BN_rand(number, kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1);
  expect_done(::BN_to_ASN1_INTEGER(number, ::X509_get_serialNumber(certificate)) != nullptr);
  ::BN_free(number);
}

void set_subject(X509* certificate, const std::string& name) {
  X509_NAME* const subject = ::X509_get_subject_name(certificate);
  const std::string common = name.substr(0, kCommonNameMax);
  expect_done(::X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                           reinterpret_cast<const unsigned char*>(common.c_str()),
                                           -1, -1, 0) == 1);
  expect_done(::X509_set_issuer_name(certificate, subject) == 1);
}

void set_times(X509* certificate, std::chrono::sys_seconds starts, std::chrono::hours lives) {
  const std::time_t from = starts.time_since_epoch().count();
  const std::time_t to = (starts + lives).time_since_epoch().count();
  expect_done(::ASN1_TIME_set(::X509_getm_notBefore(certificate), from) != nullptr);
  expect_done(::ASN1_TIME_set(::X509_getm_notAfter(certificate), to) != nullptr);
}

std::string text_of(BIO& bio) {
  char* bytes = nullptr;
  const long count = BIO_get_mem_data(&bio, &bytes);
  return {bytes, static_cast<std::size_t>(count)};
}

SelfSigned as_text(X509* certificate, const EVP_PKEY* key) {
  const BioOwner first(::BIO_new(::BIO_s_mem()));
  const BioOwner second(::BIO_new(::BIO_s_secmem()));
  expect_done(first != nullptr && second != nullptr);
  expect_done(::PEM_write_bio_X509(first.get(), certificate) == 1);
  expect_done(
      ::PEM_write_bio_PrivateKey(second.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return {text_of(*first), text_of(*second)};
}

}  // namespace

base::Result<SelfSigned> make_self_signed(const SelfSignedOptions& options) {
  TRY_ASSIGN(const std::string names, name_list(options.names));
  const KeyOwner key(EVP_EC_gen("P-256"));
  const CertificateOwner made(::X509_new());
  expect_done(key != nullptr && made != nullptr);
  X509* const certificate = made.get();
  expect_done(::X509_set_version(certificate, kVersion3) == 1);
  expect_done(::X509_set_pubkey(certificate, key.get()) == 1);
  number_it(certificate);
  set_subject(certificate, options.names.front());
  set_times(certificate, options.starts, options.lives);
  extend(certificate, NID_subject_alt_name, names);
  extend(certificate, NID_basic_constraints, "critical,CA:FALSE");
  extend(certificate, NID_key_usage, "critical,digitalSignature");
  extend(certificate, NID_ext_key_usage, "serverAuth");
  extend(certificate, NID_subject_key_identifier, "hash");
  expect_done(::X509_sign(certificate, key.get(), ::EVP_sha256()) > 0);
  return as_text(certificate, key.get());
}

base::Result<std::string> certificate_fingerprint(std::string_view certificates) {
  const BioOwner bio(::BIO_new_mem_buf(certificates.data(), static_cast<int>(certificates.size())));
  const CertificateOwner first(::PEM_read_bio_X509(
      bio.get(), nullptr, [](char*, int, int, void*) { return -1; }, nullptr));
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned bytes = 0;
  if (first == nullptr || ::X509_digest(first.get(), ::EVP_sha256(), digest.data(), &bytes) != 1) {
    ::ERR_clear_error();
    return Error(Code::Invalid, "certificate: expected PEM");
  }
  std::string text;
  for (unsigned i = 0; i < bytes; ++i) text += fmt::format("{}{:02X}", i > 0 ? ":" : "", digest[i]);
  return text;
}

}  // namespace net
