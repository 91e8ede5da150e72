#include "net/http1_parser.h"

#include <algorithm>

#include <boost/beast/http/error.hpp>

#include "base/number.h"

namespace net {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;

// A method longer than this is none.
constexpr std::size_t kMethodBytesMax = 32;

// "0\r\n\r\n": while a chunked body is not over, so many bytes at least are still to come, and
// Beast takes for granted that it never sees fewer of a last chunk.
constexpr std::size_t kLastChunkBytes = 5;

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

// Says to Beast that a refusal has been noted.
void stop(error_code& ec) { ec = http::error::bad_value; }

// Beast, waiting for CRLF, passes over a newline alone.
bool has_bare_newline(std::string_view text) {
  for (std::size_t at = text.find('\n'); at != std::string_view::npos;
       at = text.find('\n', at + 1)) {
    if (at == 0 || text[at - 1] != '\r') return true;
  }
  return false;
}

// Whether the third word of the request line is a version of HTTP, if one that is not served.
bool names_other_version(std::string_view bytes) {
  const std::string_view line = bytes.substr(0, bytes.find('\r'));
  const std::size_t at = line.rfind(" HTTP/");
  if (at == std::string_view::npos) return false;
  const std::string_view version = line.substr(at + 6);
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return version.size() == 3 && digit(version[0]) && version[1] == '.' && digit(version[2]);
}

}  // namespace

Http1Parser::Http1Parser(const Limits& limits) : limits_(limits) {
  pieces_.reserve(32);
  head_.headers.reserve(32);
  reset();
}

void Http1Parser::reset() {
  parser_.emplace(*this);
  parser_->header_limit(static_cast<std::uint32_t>(limits_.header_bytes_max));
  parser_->body_limit(boost::none);
  consumed_ = 0;
  head_bytes_ = 0;
  pieces_.clear();
  head_.headers.clear();
  head_.content_length.reset();
  hosts_ = 0;
  line_read_ = false;
  head_read_ = false;
  has_coding_ = false;
  expects_continue_ = false;
  status_ = 0;
  problem_ = {};
}

Http1Parser::Step Http1Parser::bad(int status, std::string_view problem) {
  if (status_ == 0) {
    status_ = status;
    problem_ = problem;
  }
  return Step::Bad;
}

Http1Parser::Step Http1Parser::read_head(std::string_view bytes) {
  bytes_ = bytes;
  error_code error;
  while (!head_read_) {
    const std::string_view rest = bytes.substr(consumed_);
    consumed_ += parser_->put(boost::asio::const_buffer(rest.data(), rest.size()), error);
    if (error == http::error::need_more) return check_waiting(bytes);
    if (error) return refuse_error(error, bytes);
  }
  if (consumed_ > limits_.header_bytes_max) return bad(431, "header too long");
  head_bytes_ = consumed_;
  rebase(bytes);
  return Step::Done;
}

// More is needed: unless what is there already breaks a limit.
Http1Parser::Step Http1Parser::check_waiting(std::string_view bytes) {
  if (has_bare_newline(bytes)) return bad(400, "malformed header");
  if (!line_read_) {
    const std::size_t space = bytes.find(' ');
    if (space == std::string_view::npos && bytes.size() > kMethodBytesMax) {
      return bad(501, "method not implemented");
    }
    if (bytes.size() > kMethodBytesMax + limits_.target_bytes_max) {
      return bad(414, "request target too long");
    }
  }
  if (bytes.size() >= limits_.header_bytes_max) return bad(431, "header too long");
  return Step::NeedMore;
}

Http1Parser::Step Http1Parser::refuse_error(error_code error, std::string_view bytes) {
  if (status_ != 0) return Step::Bad;
  if (error == http::error::header_limit) {
    if (!line_read_) return bad(414, "request target too long");
    return bad(431, "header too long");
  }
  if (error == http::error::bad_version && names_other_version(bytes)) {
    return bad(505, "expected HTTP/1.1");
  }
  if (!line_read_) return bad(400, "malformed request line");
  return bad(400, head_read_ ? "malformed chunk" : "malformed header");
}

Http1Parser::Piece Http1Parser::piece_of(std::string_view text) const {
  return {static_cast<std::size_t>(text.data() - bytes_.data()), text.size()};
}

void Http1Parser::rebase(std::string_view bytes) {
  const auto at = [&](Piece piece) { return bytes.substr(piece.at, piece.size); };
  head_.path = at(path_);
  head_.query = at(query_);
  head_.headers.clear();
  for (const FieldPieces& field : pieces_) {
    head_.headers.push_back({at(field.name), at(field.value)});
  }
}

bool Http1Parser::take_request_line(std::string_view method, std::string_view target, int version) {
  const auto known = find_method(method);
  if (!known) {
    bad(501, "method not implemented");
    return false;
  }
  head_.method = *known;
  head_.version_minor = version - 10;
  line_read_ = true;
  return take_target(target);
}

// Origin form, "*" of OPTIONS, and the absolute form that a server must accept (RFC 9112 3.2).
bool Http1Parser::take_target(std::string_view target) {
  if (target.size() > limits_.target_bytes_max) {
    bad(414, "request target too long");
    return false;
  }
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!same_name(target.substr(0, scheme.size()), scheme)) continue;
    const std::size_t path = target.find_first_of("/?", scheme.size());
    if (path == scheme.size() || path == std::string_view::npos || target[path] == '?') {
      bad(400, "malformed request target");
      return false;
    }
    target.remove_prefix(path);
  }
  const auto parts = split_target(head_.method, target);
  if (!parts) {
    bad(400, "malformed request target");
    return false;
  }
  path_ = piece_of(parts->path);
  query_ = piece_of(parts->query);
  return true;
}

bool Http1Parser::take_length(std::string_view value) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto length = base::parse_int(value);
  if (head_.content_length || !length || !std::all_of(value.begin(), value.end(), digit)) {
    bad(400, "malformed Content-Length");
    return false;
  }
  head_.content_length = static_cast<std::uint64_t>(*length);
  return true;
}

bool Http1Parser::take_field(http::field name, std::string_view text, std::string_view value) {
  if (pieces_.size() == limits_.header_fields_max) {
    bad(431, "too many header fields");
    return false;
  }
  // The value of a folded line lies in Beast's own buffer, or behind a line break.
  const char* end = bytes_.data() + bytes_.size();
  const char* after = text.data() + text.size();
  const bool inside = value.data() >= after && value.data() + value.size() <= end;
  if (!inside || std::find(after, value.data(), '\r') != value.data()) {
    bad(400, "folded header line");
    return false;
  }
  if (name == http::field::host) {
    ++hosts_;
    if (!is_host(value)) {
      bad(400, "malformed Host");
      return false;
    }
  } else if (name == http::field::content_length) {
    if (!take_length(value)) return false;
  } else if (name == http::field::transfer_encoding) {
    if (has_coding_ || !same_name(value, "chunked")) {
      bad(has_coding_ ? 400 : 501, "transfer coding not implemented");
      return false;
    }
    has_coding_ = true;
  } else if (name == http::field::expect) {
    if (!same_name(value, "100-continue")) {
      bad(417, "expectation not met");
      return false;
    }
    expects_continue_ = true;
  }
  pieces_.push_back({piece_of(text), piece_of(value)});
  return true;
}

bool Http1Parser::check_head() {
  if (hosts_ > 1 || (hosts_ == 0 && head_.version_minor >= 1)) {
    bad(400, hosts_ == 0 ? "missing Host" : "repeated Host");
    return false;
  }
  // With both, or with chunks in HTTP/1.0, the end of the request is a matter of opinion.
  if (has_coding_ && (head_.content_length || head_.version_minor == 0)) {
    bad(400, "ambiguous body length");
    return false;
  }
  if (head_.version_minor == 0) expects_continue_ = false;
  return true;
}

void Http1Parser::Fields::on_request_impl(http::verb, string_view method, string_view target,
                                          int version, error_code& ec) {
  if (!owner_.take_request_line(view(method), view(target), version)) stop(ec);
}

void Http1Parser::Fields::on_field_impl(http::field name, string_view text, string_view value,
                                        error_code& ec) {
  // Trailers are read and dropped: nothing may change a request that was already admitted.
  if (owner_.head_read_) return;
  if (!owner_.take_field(name, view(text), view(value))) stop(ec);
}

void Http1Parser::Fields::on_header_impl(error_code& ec) {
  if (!owner_.check_head()) {
    stop(ec);
    return;
  }
  owner_.head_read_ = true;
}

void Http1Parser::Fields::on_chunk_header_impl(std::uint64_t size, string_view, error_code& ec) {
  const std::uint64_t have = owner_.chunk_body_->size();
  if (have <= owner_.chunk_body_max_ && size <= owner_.chunk_body_max_ - have) return;
  owner_.bad(413, "body too large");
  stop(ec);
}

std::size_t Http1Parser::Fields::on_chunk_body_impl(std::uint64_t, string_view body, error_code&) {
  owner_.chunk_body_->append(body.data(), body.size());
  return body.size();
}

Http1Parser::Step Http1Parser::read_chunks(std::string_view bytes, std::uint64_t body_bytes_max,
                                           std::string& body, std::size_t& taken) {
  taken = 0;
  chunk_body_ = &body;
  chunk_body_max_ = body_bytes_max;
  error_code error;
  while (!parser_->is_done()) {
    const std::string_view rest = bytes.substr(taken);
    if (rest.size() < kLastChunkBytes) return Step::NeedMore;
    const std::size_t used =
        parser_->put(boost::asio::const_buffer(rest.data(), rest.size()), error);
    taken += used;
    if (error == http::error::need_more) {
      const bool never = has_bare_newline(bytes.substr(taken));
      return never ? bad(400, "malformed chunk") : Step::NeedMore;
    }
    if (error) return refuse_error(error, bytes);
  }
  return Step::Done;
}

}  // namespace net
