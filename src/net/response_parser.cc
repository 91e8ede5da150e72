#include "net/response_parser.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

#include "base/text.h"

namespace net {
namespace {

using base::Code;
using base::Error;
namespace http = boost::beast::http;

// What a callback reports to Beast; the words are in problem_.
boost::beast::error_code stopped() { return http::error::body_limit; }

Error malformed(std::string_view what) {
  return {Code::Corrupt, fmt::format("expected an HTTP answer, got {}", what)};
}

}  // namespace

ResponseParser::ResponseParser(const HttpRequest& request) : request_(request) { begin(); }

void ResponseParser::begin() {
  response_ = {};
  body_bytes_ = 0;
  parser_.emplace(*this);
  parser_->eager(true);
  parser_->header_limit(kHeadBytesMax);
  parser_->body_limit(boost::none);  // take_head() and take_body() have the ceiling.
  parser_->skip(request_.method == "HEAD" || request_.method == "CONNECT");
}

base::Result<void> ResponseParser::put(std::string_view bytes) {
  if (bytes.empty()) return {};
  started_ = true;
  if (done_) return malformed("more than one");
  std::string joined;
  if (!pending_.empty()) {
    joined = std::exchange(pending_, {});
    joined += bytes;
    bytes = joined;
  }
  TRY(put_message(bytes));
  while (!done_ && parser_->is_done()) {
    TRY(finish_message(bytes));
    if (!done_) TRY(put_message(bytes));
  }
  if (done_) return {};
  // Beast bounds heads; this bounds the lines between chunks too.
  if (bytes.size() > kHeadBytesMax) return malformed("a line without end");
  pending_ = bytes;
  return {};
}

// Moves `bytes` past what was used up.
base::Result<void> ResponseParser::put_message(std::string_view& bytes) {
  boost::beast::error_code error;
  while (!bytes.empty() && !parser_->is_done()) {
    const std::size_t used = parser_->put(boost::asio::buffer(bytes), error);
    bytes.remove_prefix(std::min(used, bytes.size()));
    if (error == http::error::need_more) return {};
    if (error) return error_of(error);
    if (used == 0) return {};
  }
  return {};
}

base::Result<void> ResponseParser::finish_message(std::string_view rest) {
  const int status = response_.status;
  if (status == 101) return malformed("a change of protocol (101)");
  if (status >= 200) {
    if (!rest.empty()) return malformed("more than one");
    keep_alive_ = parser_->keep_alive();
    done_ = true;
    return {};
  }
  if (++interim_ > kInterimMax) return malformed("too many interim answers");
  begin();
  return {};
}

base::Result<void> ResponseParser::end(bool cleanly) {
  if (done_) return {};
  const bool to_the_end = started_ && parser_->is_header_done() && parser_->need_eof();
  if (to_the_end && cleanly && pending_.empty()) {
    boost::beast::error_code error;
    parser_->put_eof(error);
    if (error) return error_of(error);
    if (response_.status >= 200) {
      done_ = true;
      return {};
    }
  }
  return Error(Code::Unavailable,
               started_ ? "the answer ended early" : "the connection ended before an answer came");
}

Error ResponseParser::error_of(boost::beast::error_code error) {
  if (problem_) return *std::exchange(problem_, std::nullopt);
  if (error == http::error::header_limit) {
    return malformed(fmt::format("a head of more than {}", base::human_bytes(kHeadBytesMax)));
  }
  return malformed(error.message());
}

bool ResponseParser::take_head() {
  const int status = response_.status;
  to_sink_ = request_.sink != nullptr && status >= 200 && status < 300;
  body_bytes_max_ = to_sink_ || request_.sink == nullptr
                        ? request_.answer_bytes_max
                        : std::max(request_.answer_bytes_max, kReasonBytesMax);
  const auto length = parser_->content_length();
  const bool bodiless = request_.method == "HEAD";
  if (length && !bodiless && *length > body_bytes_max_) {
    problem_ = Error(Code::Exhausted, fmt::format("expected an answer of at most {} bytes, got {}",
                                                  body_bytes_max_, *length));
    return false;
  }
  if (request_.on_head && status >= 200) {
    if (auto outcome = request_.on_head(response_); !outcome.ok()) {
      problem_ = std::move(outcome).error();
      return false;
    }
  }
  return true;
}

bool ResponseParser::take_body(std::string_view body) {
  if (body.size() > body_bytes_max_ - body_bytes_) {
    problem_ =
        Error(Code::Exhausted,
              fmt::format("expected an answer of at most {} bytes, got more", body_bytes_max_));
    return false;
  }
  body_bytes_ += body.size();
  if (!to_sink_) {
    response_.body.append(body);
    return true;
  }
  auto outcome = request_.sink(base::as_bytes(body));
  if (!outcome.ok()) problem_ = std::move(outcome).error();
  return !problem_;
}

void ResponseParser::Fields::on_response_impl(int status, string_view, int, error_code&) {
  owner_.response_.status = status;
}

void ResponseParser::Fields::on_field_impl(boost::beast::http::field, string_view text,
                                           string_view value, error_code& ec) {
  HttpFields& fields = owner_.response_.fields;
  if (fields.size() == kFieldsMax) {
    owner_.problem_ = malformed(fmt::format("more than {} fields", kFieldsMax));
    ec = stopped();
    return;
  }
  fields.emplace_back(std::string_view(text.data(), text.size()),
                      std::string_view(value.data(), value.size()));
}

void ResponseParser::Fields::on_header_impl(error_code& ec) {
  if (!owner_.take_head()) ec = stopped();
}

std::size_t ResponseParser::Fields::on_body_impl(string_view body, error_code& ec) {
  if (!owner_.take_body({body.data(), body.size()})) ec = stopped();
  return body.size();
}

std::size_t ResponseParser::Fields::on_chunk_body_impl(std::uint64_t, string_view body,
                                                       error_code& ec) {
  return on_body_impl(body, ec);
}

}  // namespace net
