#include "net/certificate_names.h"

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include <arpa/inet.h>

#include <openssl/asn1.h>
#include <openssl/crypto.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/text.h"
#include "net/request.h"

namespace net {
namespace {

constexpr std::size_t kClientBytesMax = 60;

struct NamesDeleter {
  void operator()(GENERAL_NAMES* names) const { ::GENERAL_NAMES_free(names); }
};
using Names = std::unique_ptr<GENERAL_NAMES, NamesDeleter>;

Names alternative_names(const X509& certificate) {
  return Names(static_cast<GENERAL_NAMES*>(
      ::X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
}

std::string_view content_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(::ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(::ASN1_STRING_length(text))};
}

std::string address_text(std::string_view bytes) {
  if (bytes.size() != sizeof(in_addr) && bytes.size() != sizeof(in6_addr)) return "";
  const int family = bytes.size() == sizeof(in_addr) ? AF_INET : AF_INET6;
  std::array<char, INET6_ADDRSTRLEN> text{};
  const char* const written = ::inet_ntop(family, bytes.data(), text.data(), text.size());
  return written == nullptr ? "" : written;
}

std::string host_of(const GENERAL_NAME& name) {
  if (name.type == GEN_IPADD) return address_text(content_of(name.d.iPAddress));
  if (name.type != GEN_DNS) return "";
  const std::string_view host = content_of(name.d.dNSName);
  if (!is_host(host) || host.find_first_of("*:[]%@") != std::string_view::npos) return "";
  return std::string(host);
}

// Of what identifies a client.
std::string_view client_of(const GENERAL_NAME& name) {
  switch (name.type) {
    case GEN_URI: return content_of(name.d.uniformResourceIdentifier);
    case GEN_DNS: return content_of(name.d.dNSName);
    case GEN_EMAIL: return content_of(name.d.rfc822Name);
    default: return "";
  }
}

// As UTF-8, whatever the certificate has it in.
std::string common_name(const X509& certificate) {
  const X509_NAME* const subject = ::X509_get_subject_name(&certificate);
  const int at = ::X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0) return "";
  const ASN1_STRING* const text = ::X509_NAME_ENTRY_get_data(::X509_NAME_get_entry(subject, at));
  unsigned char* utf8 = nullptr;
  const int bytes = ::ASN1_STRING_to_UTF8(&utf8, text);
  if (bytes < 0) return "";
  std::string name(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(bytes));
  OPENSSL_free(utf8);
  return name;
}

}  // namespace

std::string certificate_host(const X509& certificate) {
  const Names names = alternative_names(certificate);
  std::string address;
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME& name = *sk_GENERAL_NAME_value(names.get(), i);
    std::string host = host_of(name);
    if (host.empty()) continue;
    if (name.type == GEN_DNS) return host;
    if (address.empty()) address = std::move(host);
  }
  return address;
}

std::string certificate_client(const X509& certificate) {
  std::string client = common_name(certificate);
  if (client.empty()) {
    const Names names = alternative_names(certificate);
    for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
      client = client_of(*sk_GENERAL_NAME_value(names.get(), i));
      if (!client.empty()) break;
    }
  }
  client = base::printable(client.substr(0, kClientBytesMax));
  return client.substr(0, kClientBytesMax);
}

}  // namespace net
