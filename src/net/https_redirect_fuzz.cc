#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "net/http1_parser.h"
#include "net/https_redirect.h"
#include "net/self_signed.h"

// Whatever a request asks for, and from whichever host: it is sent to a host of the certificate,
// and nothing else gets into the answer's head.

namespace {

std::shared_ptr<const net::TlsContext> make_context() {
  const auto pair = net::make_self_signed(
      {.names = {"localhost", "faq.example", "127.0.0.1", "::1"}, .starts = {}});
  if (!pair.ok()) std::abort();
  auto context = net::TlsContext::make(pair->certificate, pair->key);
  if (!context.ok()) std::abort();
  return *std::move(context);
}

// Whether it is a URL of one of the certificate's hosts.
bool is_expected(std::string_view location, const net::TlsContext& context) {
  const std::string_view scheme = "https://";
  if (!location.starts_with(scheme)) return false;
  location.remove_prefix(scheme.size());
  std::string_view host = location.substr(0, location.find('/'));
  if (host.starts_with('[')) return context.is_for(host.substr(1, host.find(']') - 1));
  return context.is_for(host.substr(0, host.find(':')));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::shared_ptr<const net::TlsContext> context = make_context();
  static const net::Limits limits;
  net::Http1Parser parser(limits);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (parser.read_head(text) != net::Http1Parser::Step::Done) return 0;
  net::Response response;
  net::redirect_to_https(parser.head(), *context, response);
  if (response.status() != 308) std::abort();
  std::string_view fields = response.header_block();
  const std::string_view name = "Location: ";
  if (!fields.starts_with(name) || fields.find("\r\n") != fields.size() - 2) std::abort();
  if (!is_expected(fields.substr(name.size()), *context)) std::abort();
  return 0;
}
