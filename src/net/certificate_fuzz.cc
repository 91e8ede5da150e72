#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include <openssl/x509.h>

#include "net/certificate_names.h"
#include "net/request.h"

// Whatever a certificate has for names: a host is fit for a URL, and a client for a log.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const unsigned char* at = data;
  const std::unique_ptr<X509, decltype(&::X509_free)> certificate(
      ::d2i_X509(nullptr, &at, static_cast<long>(size)), &::X509_free);
  if (certificate == nullptr) return 0;
  if (!net::is_host(net::certificate_host(*certificate))) std::abort();
  const std::string client = net::certificate_client(*certificate);
  if (client.size() > 60) std::abort();
  for (const char c : client) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) std::abort();
  }
  return 0;
}
