#include "net/https_redirect.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace net {
namespace {

struct HostAndPort {
  std::string_view host;  // An address of IPv6 without its brackets.
  std::string_view port;  // "" where there is none.
};

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port > 0;
}

// Nothing of what is no host with or without a port.
HostAndPort split_host(std::string_view text) {
  HostAndPort parts;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return {};
    parts.host = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    parts.host = text.substr(0, colon);
    text.remove_prefix(colon);
  }
  if (text.empty()) return parts;
  parts.port = text.substr(1);
  if (!text.starts_with(':') || !is_port(parts.port)) return {};
  return parts;
}

// "" where the certificate names no host.
std::string location_of(const RequestHead& head, const TlsContext& context) {
  const HostAndPort asked = split_host(head.header("host").value_or(""));
  const std::string_view host = context.is_for(asked.host) ? asked.host : context.host();
  if (host.empty()) return "";
  const bool v6 = host.find(':') != std::string_view::npos;
  std::string location = v6 ? "https://[" : "https://";
  location.append(host).append(v6 ? "]" : "");
  if (!asked.port.empty()) location.append(":").append(asked.port);
  location += head.path.starts_with('/') ? head.path : "/";
  if (!head.query.empty()) location.append("?").append(head.query);
  return location;
}

}  // namespace

void redirect_to_https(const RequestHead& head, const TlsContext& context, Response& response) {
  const std::string location = location_of(head, context);
  response.set_content_type("text/plain");
  response.body() = "expected HTTPS\n";
  response.set_status(location.empty() ? 400 : 308);
  if (!location.empty()) response.add_header("Location", location);
}

}  // namespace net
