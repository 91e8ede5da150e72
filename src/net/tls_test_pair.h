#pragma once

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace net::testing {

// A key and a certificate that it signed itself, for 127.0.0.1, made for one test.
struct TlsPair {
  std::string certificate;
  std::string key;
};

inline std::string text_of(BIO* bio) {
  char* bytes = nullptr;
  const long count = BIO_get_mem_data(bio, &bytes);
  std::string text(bytes, static_cast<std::size_t>(count));
  ::BIO_free(bio);
  return text;
}

// `name` is the certificate's subject; without `rsa_bits` the key is of P-256.
inline TlsPair make_tls_pair(const std::string& name, unsigned rsa_bits = 0) {
  EVP_PKEY* const key = rsa_bits > 0 ? EVP_RSA_gen(rsa_bits) : EVP_EC_gen("P-256");
  X509* const certificate = ::X509_new();
  if (key == nullptr || certificate == nullptr) std::abort();
  ::X509_set_version(certificate, 2);
  ::ASN1_INTEGER_set(::X509_get_serialNumber(certificate), 1);
  ::X509_gmtime_adj(::X509_getm_notBefore(certificate), -60);
  ::X509_gmtime_adj(::X509_getm_notAfter(certificate), 3600);
  ::X509_set_pubkey(certificate, key);
  X509_NAME* const subject = ::X509_get_subject_name(certificate);
  ::X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  ::X509_set_issuer_name(certificate, subject);
  X509_EXTENSION* const names =
      ::X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
  ::X509_add_ext(certificate, names, -1);
  ::X509_EXTENSION_free(names);
  if (::X509_sign(certificate, key, ::EVP_sha256()) == 0) std::abort();
  BIO* const certificate_text = ::BIO_new(::BIO_s_mem());
  BIO* const key_text = ::BIO_new(::BIO_s_mem());
  ::PEM_write_bio_X509(certificate_text, certificate);
  ::PEM_write_bio_PrivateKey(key_text, key, nullptr, nullptr, 0, nullptr, nullptr);
  ::X509_free(certificate);
  ::EVP_PKEY_free(key);
  return {text_of(certificate_text), text_of(key_text)};
}

}  // namespace net::testing
