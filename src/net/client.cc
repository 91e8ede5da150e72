#include "net/client.h"

#include <algorithm>

#include <fmt/format.h>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "base/text.h"
#include "net/blocking_socket.h"
#include "net/request.h"

namespace net {
namespace {

namespace http = boost::beast::http;

constexpr std::uint64_t kAnswerBytesMax = 64 << 20;
constexpr std::uint32_t kAnswerHeadMax = 64 << 10;

base::Result<void> check_word(std::string_view what, std::string_view text, char lowest) {
  const auto odd = [lowest](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < static_cast<unsigned char>(lowest) || byte == 0x7F;
  };
  if (std::none_of(text.begin(), text.end(), odd)) return {};
  return base::Error(
      base::Code::Invalid,
      fmt::format("{} {}: expected no control characters or spaces", what, base::quote(text)));
}

base::Result<std::string> format_request(const ClientRequest& request) {
  TRY(check_word("method", request.method, '!'));
  TRY(check_word("target", request.target, '!'));
  const bool v6 = request.address.find(':') != std::string::npos;
  std::string text =
      fmt::format("{} {} HTTP/1.1\r\nHost: {}{}{}:{}\r\nConnection: close\r\n", request.method,
                  request.target, v6 ? "[" : "", request.address, v6 ? "]" : "", request.port);
  for (const auto& [name, value] : request.headers) {
    TRY(check_word("header", name, '!'));
    TRY(check_word("header value", value, ' '));
    text += fmt::format("{}: {}\r\n", name, value);
  }
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    text += fmt::format("Content-Length: {}\r\n", request.body.size());
  }
  return text + "\r\n" + request.body;
}

using Parser = http::response_parser<http::string_body>;

// Reads until the parser has the whole answer.
base::Result<void> receive_answer(BlockingSocket& socket, Parser& parser,
                                  BlockingSocket::Deadline deadline) {
  std::string arrived;
  boost::beast::error_code error;
  while (!parser.is_done()) {
    TRY_ASSIGN(const std::size_t count, socket.receive(arrived, deadline));
    if (count == 0) {
      if (parser.got_some()) parser.put_eof(error);
      if (!parser.is_done() || error) {
        return base::Error(base::Code::Unavailable, "receive: the answer ended early");
      }
      return {};
    }
    const std::size_t used = parser.put(boost::asio::buffer(arrived), error);
    arrived.erase(0, used);
    if (error && error != http::error::need_more) {
      return base::Error(base::Code::Corrupt, "receive: " + error.message());
    }
  }
  return {};
}

}  // namespace

std::optional<std::string_view> ClientResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (same_name(key, name)) return value;
  }
  return std::nullopt;
}

base::Result<ClientResponse> fetch(const ClientRequest& request,
                                   std::chrono::steady_clock::time_point deadline) {
  TRY_ASSIGN(const std::string text, format_request(request));
  TRY_ASSIGN(BlockingSocket socket,
             BlockingSocket::connect(request.address, request.port, deadline));
  // A server may answer and end before it has read everything: then the answer counts.
  const auto sent = socket.send(text, deadline);
  Parser parser;
  parser.eager(true);
  parser.body_limit(kAnswerBytesMax);
  parser.header_limit(kAnswerHeadMax);
  parser.skip(request.method == "HEAD");
  auto received = receive_answer(socket, parser, deadline);
  if (!received.ok()) return sent.ok() ? std::move(received).error() : sent.error();
  ClientResponse response;
  response.status = static_cast<int>(parser.get().result_int());
  for (const auto& field : parser.get()) {
    response.headers.emplace_back(std::string_view(field.name_string()),
                                  std::string_view(field.value()));
  }
  response.body = std::move(parser.get().body());
  return response;
}

}  // namespace net
