#include "net/url.h"

#include <algorithm>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <boost/asio/ip/address.hpp>

#include "base/number.h"
#include "base/text.h"

namespace net {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kHostMax = 253;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_visible(char c) { return c > ' ' && c < '\x7F'; }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_label(std::string_view text) {
  return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; });
}

// getaddrinfo() takes "127.1", "2130706433" and "0x7f.1" for addresses; here a host whose last
// part is a number is an IPv4 address in four parts or nothing.
bool is_name_or_v4(std::string_view text) {
  if (text.empty() || text.size() > kHostMax) return false;
  std::string_view last;
  for (std::string_view rest = text;;) {
    const std::size_t dot = std::min(rest.find('.'), rest.size());
    last = rest.substr(0, dot);
    if (!is_label(last)) return false;
    if (dot == rest.size()) break;
    rest.remove_prefix(dot + 1);
  }
  const bool number = std::all_of(last.begin(), last.end(), is_digit) || last.starts_with("0x") ||
                      last.starts_with("0X");
  if (!number) return true;
  boost::system::error_code error;
  boost::asio::ip::make_address_v4(std::string(text), error);
  return !error;
}

bool is_v6(std::string_view text) {
  if (text.find('%') != std::string_view::npos) return false;  // A zone says nothing elsewhere.
  boost::system::error_code error;
  boost::asio::ip::make_address_v6(std::string(text), error);
  return !error;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  if (text.empty() || text.size() > 5 || !std::all_of(text.begin(), text.end(), is_digit)) {
    return std::nullopt;
  }
  const auto port = base::parse_int(text);
  if (!port || *port < 1 || *port > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*port);
}

// "host", "host:port", "[v6]", "[v6]:port" into the origin; says what is wrong, or nothing.
std::string_view take_authority(std::string_view text, Origin& origin) {
  std::string_view port;
  bool has_port = false;
  if (text.find('@') != std::string_view::npos) return "no user or password";
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || !is_v6(text.substr(1, end - 1))) return "an IPv6 address";
    origin.host = lower(text.substr(1, end - 1));
    const std::string_view rest = text.substr(end + 1);
    has_port = !rest.empty();
    if (has_port && rest.front() != ':') return "a port behind the address";
    if (has_port) port = rest.substr(1);
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    if (!is_name_or_v4(text.substr(0, colon))) return "a host name or an address";
    origin.host = lower(text.substr(0, colon));
    has_port = colon != text.size();
    if (has_port) port = text.substr(colon + 1);
  }
  origin.port = origin.tls ? 443 : 80;
  if (!has_port) return "";
  const auto number = parse_port(port);
  if (!number) return "a port from 1 to 65535";
  origin.port = *number;
  return "";
}

// RFC 3986, section 5.2.4, for a path that starts with '/'.
std::string without_dots(std::string_view path) {
  std::vector<std::string_view> parts;
  bool folder = false;
  for (std::size_t at = 1; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view part = path.substr(at, end - at);
    folder = part == "." || part == "..";
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else if (part != ".") {
      parts.push_back(part);
    }
    at = end + 1;
  }
  std::string out;
  for (const std::string_view part : parts) out.append("/").append(part);
  if (folder || out.empty()) out += '/';
  return out;
}

}  // namespace

bool Origin::loopback() const {
  if (host == "localhost") return true;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  return !error && address.is_loopback();
}

std::string Origin::authority() const {
  const bool v6 = host.find(':') != std::string::npos;
  std::string out = v6 ? "[" + host + "]" : host;
  if (port != (tls ? 443 : 80)) out += ":" + std::to_string(port);
  return out;
}

std::string Origin::text() const { return (tls ? "https://" : "http://") + authority(); }

base::Result<Url> Url::parse(std::string_view text) {
  const auto bad = [&](std::string_view expected) {
    return Error(Code::Invalid,
                 fmt::format("URL {}: expected {}",
                             base::quote(text.substr(0, text.find_first_of("?#"))), expected));
  };
  if (text.size() > kBytesMax) return bad(fmt::format("at most {} bytes", kBytesMax));
  if (!std::all_of(text.begin(), text.end(), is_visible)) {
    return bad("no spaces, control characters or characters outside ASCII");
  }
  Url url;
  const std::size_t scheme_end = text.find("://");
  const std::string scheme = lower(text.substr(0, std::min(scheme_end, text.size())));
  if (scheme_end == std::string_view::npos || (scheme != "https" && scheme != "http")) {
    return bad("https:// or http:// in front");
  }
  if (text.find('#') != std::string_view::npos) return bad("no fragment");
  url.origin.tls = scheme == "https";
  const std::string_view rest = text.substr(scheme_end + 3);
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view wrong = take_authority(rest.substr(0, end), url.origin);
  // What stands before '@' may be a password: the text is not shown.
  if (wrong == "no user or password") {
    return Error(Code::Invalid, "URL: expected no user or password in it");
  }
  if (!wrong.empty()) return bad(wrong);
  url.target = rest.substr(end);
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  return url;
}

base::Result<Url> Url::resolve(std::string_view reference) const {
  reference = reference.substr(0, reference.find('#'));
  const std::size_t path_end = std::min(reference.find_first_of("/?"), reference.size());
  if (reference.substr(0, path_end).find(':') != std::string_view::npos) return parse(reference);
  if (reference.starts_with("//")) {
    return parse((origin.tls ? "https:" : "http:") + std::string(reference));
  }
  if (reference.empty()) return *this;
  const std::string_view own_path = std::string_view(target).substr(0, target.find('?'));
  const std::size_t query_at = std::min(reference.find('?'), reference.size());
  std::string path(reference.substr(0, query_at));
  if (path.empty()) {
    path = own_path;
  } else if (!path.starts_with('/')) {
    path = without_dots(std::string(own_path.substr(0, own_path.rfind('/') + 1)) + path);
  } else {
    path = without_dots(path);
  }
  return parse(origin.text() + path + std::string(reference.substr(query_at)));
}

std::string Url::display() const { return origin.text() + target.substr(0, target.find('?')); }

std::string Url::text() const { return origin.text() + target; }

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kHexDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHexDigits[byte / 16U];
    out += kHexDigits[byte % 16U];
  }
  return out;
}

}  // namespace net
