#include "net/client_connection.h"

#include <algorithm>
#include <utility>

#include <poll.h>

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/error.hpp>

#include "base/text.h"

namespace net {
namespace {

using base::Code;
using base::Error;
using boost::system::error_code;

constexpr std::size_t kWriteBytes = 1 << 20;
constexpr std::chrono::milliseconds kCancelledEvery{100};

bool is_address(const std::string& host) {
  error_code error;
  boost::asio::ip::make_address(host, error);
  return !error;
}

std::string show(const boost::asio::ip::tcp::endpoint& endpoint) {
  const bool v6 = endpoint.address().is_v6();
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", endpoint.address().to_string(), v6 ? "]" : "",
                     endpoint.port());
}

// The name for which a certificate must be, and which virtual host is meant.
bool set_expected_host(SSL* ssl, const std::string& host) {
  if (is_address(host)) {
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
  }
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(ssl, host.c_str()) == 1 && SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
}

std::string advice(long problem, const std::string& ca_option) {
  switch (problem) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
      return "; if its authority is your own, name that authority's certificate file" +
             (ca_option.empty() ? "" : " with " + ca_option);
    case X509_V_ERR_CERT_NOT_YET_VALID:
    case X509_V_ERR_CERT_HAS_EXPIRED: return "; if it was renewed, check this machine's clock";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH: return "; the certificate is for another host";
    default: return "";
  }
}

}  // namespace

std::chrono::steady_clock::time_point Patience::step(
    std::chrono::steady_clock::time_point until) const {
  if (!cancelled) return until;
  return std::min(until, std::chrono::steady_clock::now() + kCancelledEvery);
}

template <typename Call>
void ClientConnection::on_stream(Call call) {
  if (tls_) {
    call(*tls_);
  } else {
    call(socket_);
  }
}

base::Result<std::unique_ptr<ClientConnection>> ClientConnection::connect(
    const std::vector<Endpoint>& endpoints, const Patience& patience) {
  Error last(Code::Unavailable, "no address to connect to");
  for (const Endpoint& endpoint : endpoints) {
    std::unique_ptr<ClientConnection> connection(new ClientConnection());
    auto outcome = connection->connect_one(endpoint, patience);
    if (outcome.ok()) return connection;
    last = std::move(outcome).error();
    if (last.code() == Code::Deadline || last.code() == Code::Cancelled) break;
  }
  return last;
}

base::Result<void> ClientConnection::connect_one(const Endpoint& endpoint,
                                                 const Patience& patience) {
  std::optional<error_code> outcome;
  socket_.async_connect(endpoint, [&outcome](error_code error) { outcome = error; });
  const auto limit = std::min(patience.deadline, Clock::now() + patience.connect_time_max);
  while (!outcome && !patience.ended() && Clock::now() < limit) {
    io_.run_one_until(patience.step(limit));
  }
  if (!outcome) {
    error_code ignored;
    socket_.close(ignored);
    io_.restart();
    io_.poll();  // The handler refers to this frame.
    if (patience.ended() || Clock::now() >= patience.deadline) {
      return too_late(patience, "connecting");
    }
    return Error(Code::Unavailable, fmt::format("{}: no answer to a connection within {} ms",
                                                show(endpoint), patience.connect_time_max.count()));
  }
  if (*outcome == boost::asio::error::connection_refused) {
    return Error(Code::Unavailable,
                 fmt::format("{}: connection refused; nothing listens there", show(endpoint)));
  }
  if (*outcome) {
    return Error(Code::Unavailable, fmt::format("{}: {}", show(endpoint), outcome->message()));
  }
  error_code ignored;
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  return {};
}

base::Result<void> ClientConnection::start_tls(const std::shared_ptr<TlsTrust>& trust,
                                               const std::string& host, const Patience& patience) {
  trust_ = trust;
  tls_.emplace(socket_, trust_->context());
  if (!set_expected_host(tls_->native_handle(), host)) {
    return Error(Code::Invalid,
                 fmt::format("host {}: expected a name that TLS can check", base::quote(host)));
  }
  const auto outcome = std::make_shared<std::optional<error_code>>();
  tls_->async_handshake(boost::asio::ssl::stream_base::client,
                        [outcome](error_code error) { *outcome = error; });
  last_progress_ = Clock::now();
  while (!*outcome) {
    if (!run_one(patience)) return too_late(patience, "agreeing on TLS");
  }
  if (**outcome) return handshake_error(**outcome, host);
  return {};
}

Error ClientConnection::handshake_error(error_code error, const std::string& host) {
  const long problem = SSL_get_verify_result(tls_->native_handle());
  if (problem != X509_V_OK) {
    return {Code::Denied, fmt::format("TLS certificate of host {}: {}{}", base::quote(host),
                                      X509_verify_cert_error_string(problem),
                                      advice(problem, trust_->ca_option()))};
  }
  if (error.category() != boost::asio::error::get_ssl_category()) {
    return {Code::Unavailable,
            fmt::format("host {}: the connection ended while TLS was agreed on: {}",
                        base::quote(host), error.message())};
  }
  const int reason = ERR_GET_REASON(static_cast<unsigned long>(error.value()));
  if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST) {
    return {Code::Denied,
            fmt::format("host {}: expected TLS, got something else; it may speak plain http",
                        base::quote(host))};
  }
  return {Code::Denied, fmt::format("host {}: no agreement on TLS 1.2 or newer: {}",
                                    base::quote(host), error.message())};
}

// One step of what is in progress. False: time is up.
bool ClientConnection::run_one(const Patience& patience) {
  const auto until = std::min(patience.deadline, last_progress_ + patience.idle_time_max);
  do {
    io_.restart();
    if (io_.run_one_until(patience.step(until)) != 0) return true;
  } while (!patience.ended() && Clock::now() < until);
  return false;
}

Error ClientConnection::too_late(const Patience& patience, std::string_view doing) const {
  if (patience.ended()) return {Code::Cancelled, fmt::format("cancelled while {}", doing)};
  if (Clock::now() >= patience.deadline) {
    return {Code::Deadline, fmt::format("deadline exceeded while {}", doing)};
  }
  return {Code::Unavailable,
          fmt::format("no sign of life for {} ms while {}", patience.idle_time_max.count(), doing)};
}

void ClientConnection::arm_write() {
  const std::size_t sent = output_.sent;
  const std::size_t in_head = std::min(sent, output_.head.size());
  const std::size_t in_body = sent - in_head;
  const std::size_t piece = std::min(kWriteBytes, output_.body.size() - in_body);
  const std::array<boost::asio::const_buffer, 2> buffers = {
      boost::asio::buffer(output_.head.data() + in_head, output_.head.size() - in_head),
      boost::asio::buffer(output_.body.data() + in_body, piece)};
  output_.armed = true;
  on_stream([&](auto& stream) {
    stream.async_write_some(buffers, [this](error_code error, std::size_t count) {
      output_.armed = false;
      output_.sent += count;
      output_.error = error;
      last_progress_ = Clock::now();
    });
  });
}

void ClientConnection::arm_read() {
  read_armed_ = true;
  on_stream([&](auto& stream) {
    stream.async_read_some(boost::asio::buffer(input_),
                           [this](error_code error, std::size_t count) {
                             read_armed_ = false;
                             read_finished_ = true;
                             arrived_ = count;
                             read_error_ = error;
                             last_progress_ = Clock::now();
                           });
  });
}

base::Result<void> ClientConnection::take_read(ResponseParser& parser) {
  read_finished_ = false;
  TRY(parser.put({input_.data(), arrived_}));
  if (!read_error_) return {};
  const bool cleanly = read_error_ == boost::asio::error::eof;
  auto outcome = parser.end(cleanly);
  if (outcome.ok() || cleanly) return outcome;
  return Error(outcome.error().code(),
               fmt::format("{} ({})", outcome.error().message(), read_error_.message()));
}

base::Result<void> ClientConnection::exchange(std::string_view head, base::Bytes body,
                                              ResponseParser& parser, const Patience& patience) {
  reusable_ = false;
  output_ = {.head = head, .body = body};
  last_progress_ = Clock::now();
  while (!parser.done()) {
    if (!output_.armed && !output_.finished()) arm_write();
    if (!read_armed_) arm_read();
    if (!run_one(patience)) {
      return too_late(patience, output_.finished() ? "waiting for the answer" : "sending");
    }
    if (read_finished_) TRY(take_read(parser));
  }
  reusable_ = parser.keep_alive() && output_.sent == output_.size() && !output_.error;
  return {};
}

bool ClientConnection::stale() {
  pollfd waited{socket_.native_handle(), POLLIN, 0};
  return ::poll(&waited, 1, 0) != 0;
}

}  // namespace net
