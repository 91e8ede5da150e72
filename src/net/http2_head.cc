#include "net/http2_head.h"

#include "base/number.h"

namespace net {
namespace {

// What each field costs beside its text (RFC 9113, 6.5.2).
constexpr std::size_t kFieldOverhead = 32;

}  // namespace

void Http2Head::reset() {
  text_.clear();
  pieces_.clear();
  bytes_ = 0;
  fields_ = 0;
  method_ = target_ = authority_ = Piece();
  has_authority_ = false;
  cookies_.clear();
  expects_continue_ = false;
  head_.method = Method::Get;
  head_.path = head_.query = {};
  head_.version_major = 2;
  head_.version_minor = 0;
  head_.headers.clear();
  head_.content_length.reset();
  status_ = 0;
  problem_ = {};
}

bool Http2Head::bad(int status, std::string_view problem) {
  if (status_ == 0) {
    status_ = status;
    problem_ = problem;
  }
  return false;
}

Http2Head::Piece Http2Head::keep(std::string_view text) {
  const Piece piece{text_.size(), text.size()};
  text_ += text;
  return piece;
}

void Http2Head::add(std::string_view name, std::string_view value) {
  bytes_ += name.size() + value.size() + kFieldOverhead;
  ++fields_;
  // What is over a limit is not kept.
  if (bytes_ > limits_.header_bytes_max) {
    bad(431, "header too long");
  } else if (fields_ > limits_.header_fields_max) {
    bad(431, "too many header fields");
  } else if (name.starts_with(':')) {
    add_own(name, value);
  } else if (name == "cookie") {
    // One field for each cookie compresses better (RFC 9113, 8.2.3); others expect one for all.
    if (!cookies_.empty()) cookies_ += "; ";
    cookies_ += value;
  } else {
    const Piece kept = keep(name);
    pieces_.push_back({kept, keep(value)});
  }
}

void Http2Head::add_own(std::string_view name, std::string_view value) {
  if (name == ":method") {
    method_ = keep(value);
  } else if (name == ":path") {
    target_ = keep(value);
  } else if (name == ":authority") {
    authority_ = keep(value);
    has_authority_ = true;
  }
}

bool Http2Head::end() {
  if (!cookies_.empty()) {
    const Piece name = keep("cookie");
    pieces_.push_back({name, keep(cookies_)});
  }
  const Piece host = keep("host");
  head_.headers.clear();
  for (const FieldPieces& each : pieces_) head_.headers.push_back({at(each.name), at(each.value)});
  if (has_authority_ && !head_.header("host")) head_.headers.push_back({at(host), at(authority_)});
  if (status_ != 0) return false;
  return end_target() && end_host() && end_fields();
}

bool Http2Head::end_target() {
  const auto method = find_method(at(method_));
  if (!method) return bad(501, "method not implemented");
  head_.method = *method;
  if (target_.size > limits_.target_bytes_max) return bad(414, "request target too long");
  const auto target = split_target(head_.method, at(target_));
  if (!target) return bad(400, "malformed request target");
  head_.path = target->path;
  head_.query = target->query;
  return true;
}

bool Http2Head::end_host() {
  const auto host = head_.header("host");
  if (!host) return bad(400, "missing Host");
  if (head_.count("host") > 1) return bad(400, "repeated Host");
  if (!is_host(*host)) return bad(400, "malformed Host");
  if (has_authority_ && !same_name(*host, at(authority_))) {
    return bad(400, "Host and :authority differ");
  }
  return true;
}

bool Http2Head::end_fields() {
  for (const Header& each : head_.headers) {
    if (each.name == "content-length") {
      const auto length = base::parse_int(each.value);
      if (!length || *length < 0 || head_.content_length) {
        return bad(400, "malformed Content-Length");
      }
      head_.content_length = static_cast<std::uint64_t>(*length);
    } else if (each.name == "expect") {
      if (!same_name(each.value, "100-continue")) return bad(417, "expectation not met");
      expects_continue_ = true;
    }
  }
  return true;
}

}  // namespace net
