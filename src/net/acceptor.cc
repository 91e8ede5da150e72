#include "net/acceptor.h"

#include <cerrno>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/text.h"

namespace net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using base::Code;
using base::Error;
using base::Result;
using boost::system::error_code;

Error listen_error(const std::string& address, std::uint16_t port, const error_code& error) {
  const Code code = error == asio::error::address_in_use ? Code::Conflict : Code::Unavailable;
  return {code, fmt::format("listen on {}:{}: {}", address, port, error.message())};
}

Result<void> check_address(const asio::ip::address& address, const std::string& text, bool safe) {
  if (address.is_loopback() || safe) return {};
  return Error(Code::Denied,
               fmt::format("listen address {}: expected a loopback address such as "
                           "127.0.0.1; any other needs keys and TLS: --keys, --tls-cert "
                           "and --tls-key, or --cleartext behind a proxy that ends TLS",
                           base::quote(text)));
}

int option_of(int descriptor, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  return ::getsockopt(descriptor, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

// The family of a TCP socket that listens.
Result<tcp> protocol_of(int descriptor) {
  const int family = option_of(descriptor, SO_DOMAIN);
  const bool stream = option_of(descriptor, SO_PROTOCOL) == IPPROTO_TCP;
  const bool listens = option_of(descriptor, SO_ACCEPTCONN) == 1;
  if (stream && listens && family == AF_INET) return tcp::v4();
  if (stream && listens && family == AF_INET6) return tcp::v6();
  return Error(Code::Invalid, fmt::format("inherited descriptor {}: expected a TCP socket that "
                                          "listens",
                                          descriptor));
}

}  // namespace

Result<tcp::acceptor> open_acceptor(asio::io_context& io, const std::string& address,
                                    std::uint16_t port, bool safe) {
  error_code error;
  const auto parsed = asio::ip::make_address(address, error);
  if (error) {
    return Error(Code::Invalid,
                 fmt::format("listen address {}: expected an IP address", base::quote(address)));
  }
  TRY(check_address(parsed, address, safe));
  const tcp::endpoint endpoint(parsed, port);
  tcp::acceptor acceptor(io);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return listen_error(address, port, error);
  return acceptor;
}

Result<tcp::acceptor> adopt_acceptor(asio::io_context& io, int descriptor, bool safe) {
  auto protocol = protocol_of(descriptor);
  if (!protocol.ok()) {
    // What is no socket of ours is still ours to close: nobody else in this process knows it.
    ::close(descriptor);
    return std::move(protocol).error();
  }
  tcp::acceptor acceptor(io);
  error_code error;
  acceptor.assign(*protocol, descriptor, error);
  if (error) {
    ::close(descriptor);
    return Error(Code::Unavailable,
                 fmt::format("inherited descriptor {}: {}", descriptor, error.message()));
  }
  const tcp::endpoint endpoint = acceptor.local_endpoint(error);
  if (error) return listen_error("an inherited socket", 0, error);
  TRY(check_address(endpoint.address(), endpoint.address().to_string(), safe));
  return acceptor;
}

}  // namespace net
