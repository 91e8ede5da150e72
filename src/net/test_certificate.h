#pragma once

#include <memory>
#include <optional>
#include <string>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// For tests: certificates made on the spot.

namespace net {

struct TestCertificate {
  std::shared_ptr<EVP_PKEY> key;
  std::shared_ptr<X509> certificate;

  std::string pem() const {
    return text([this](BIO* out) { PEM_write_bio_X509(out, certificate.get()); });
  }
  std::string key_pem() const {
    return text([this](BIO* out) {
      PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
  }

 private:
  template <typename Write>
  static std::string text(Write write) {
    BIO* const out = BIO_new(BIO_s_mem());
    write(out);
    char* data = nullptr;
    const long size = BIO_get_mem_data(out, &data);
    std::string copy(data, static_cast<std::size_t>(size));
    BIO_free(out);
    return copy;
  }
};

struct TestCertificateOptions {
  std::string name = "test authority";
  std::string alternative_names;            // "DNS:localhost,IP:127.0.0.1"; empty: an authority.
  const TestCertificate* issuer = nullptr;  // Null: itself.
  long starts_in_s = -3600;
  long ends_in_s = 3600;
};

inline TestCertificate make_certificate(const TestCertificateOptions& options) {
  TestCertificate made;
  made.key.reset(EVP_EC_gen("P-256"), EVP_PKEY_free);
  made.certificate.reset(X509_new(), X509_free);
  X509* const x509 = made.certificate.get();
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), options.issuer == nullptr ? 1 : 2);
  X509_gmtime_adj(X509_getm_notBefore(x509), options.starts_in_s);
  X509_gmtime_adj(X509_getm_notAfter(x509), options.ends_in_s);
  X509_set_pubkey(x509, made.key.get());
  if (!options.name.empty()) {
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(options.name.c_str()), -1, -1,
                               0);
  }
  const TestCertificate& issuer = options.issuer == nullptr ? made : *options.issuer;
  X509_set_issuer_name(x509, X509_get_subject_name(issuer.certificate.get()));
  const auto extend = [&](int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer.certificate.get(), x509, nullptr, nullptr, 0);
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    X509_add_ext(x509, extension, -1);
    X509_EXTENSION_free(extension);
  };
  if (options.alternative_names.empty()) {
    extend(NID_basic_constraints, "critical,CA:TRUE");
  } else {
    extend(NID_subject_alt_name, options.alternative_names);
  }
  X509_sign(x509, issuer.key.get(), EVP_sha256());
  return made;
}

}  // namespace net
