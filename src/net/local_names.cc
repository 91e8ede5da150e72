#include "net/local_names.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/address.hpp>

#include "net/request.h"

namespace net {
namespace {

namespace ip = boost::asio::ip;

constexpr std::size_t kLocalNamesMax = 32;
constexpr std::size_t kHostNameBytes = 256;

ip::address parse_address(const std::string& text) {
  boost::system::error_code ignored;
  return ip::make_address(text, ignored);
}

void add_name(std::vector<std::string>& names, std::string name) {
  if (name.empty() || names.size() >= kLocalNamesMax) return;
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
}

std::string machine_name() {
  std::array<char, kHostNameBytes> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "";
  const std::string text = name.data();
  return is_host(text) && text.find_first_of(":,[]%") == std::string::npos ? text : "";
}

std::string text_of_address(const sockaddr& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes = nullptr;
  if (address.sa_family == AF_INET) {
    bytes = &reinterpret_cast<const sockaddr_in&>(address).sin_addr;
  } else if (address.sa_family == AF_INET6) {
    const in6_addr& v6 = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
    if (IN6_IS_ADDR_LINKLOCAL(&v6)) return "";  // Of use with an interface's name alone.
    bytes = &v6;
  }
  if (bytes == nullptr) return "";
  const char* const written =
      ::inet_ntop(address.sa_family, bytes, text.data(), static_cast<socklen_t>(text.size()));
  return written == nullptr ? "" : written;
}

void add_interfaces(std::vector<std::string>& names) {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return;
  for (const ifaddrs* at = first; at != nullptr; at = at->ifa_next) {
    if (at->ifa_addr != nullptr) add_name(names, text_of_address(*at->ifa_addr));
  }
  ::freeifaddrs(first);
}

}  // namespace

bool is_ip_address(const std::string& text) {
  boost::system::error_code error;
  ip::make_address(text, error);
  return !error;
}

bool is_loopback(const std::string& address) { return parse_address(address).is_loopback(); }

bool is_wildcard(const std::string& address) {
  boost::system::error_code error;
  return ip::make_address(address, error).is_unspecified() && !error;
}

std::vector<std::string> local_names(const std::string& address) {
  std::vector<std::string> names;
  for (std::string name :
       {machine_name(), std::string("localhost"), std::string("127.0.0.1"), std::string("::1")}) {
    add_name(names, std::move(name));
  }
  if (is_wildcard(address)) {
    add_interfaces(names);
  } else {
    add_name(names, address);
  }
  return names;
}

}  // namespace net
