#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "net/limits.h"
#include "net/request.h"

namespace net {

// Makes a RequestHead of the fields of an HTTP/2 request, as strictly as Http1Parser: whoever asks
// for it cannot tell the versions apart. What is malformed for HTTP/2 itself (RFC 9113, 8.2
// and 8.3) nghttp2 has already refused. Allocates nothing in the steady state.
class Http2Head {
 public:
  // `limits` outlives it.
  explicit Http2Head(const Limits& limits) : limits_(limits) {}
  explicit Http2Head(Limits&&) = delete;

  void reset();
  // Where all requests of the connection come from; outlives the head.
  void set_source(std::string_view source) { head_.source = source; }
  void add(std::string_view name, std::string_view value);
  // Behind the last field. False: status() and problem() say what to answer.
  bool end();

  // Behind end(), and of what could be read behind a refusal; its views live until reset().
  const RequestHead& head() const { return head_; }
  bool expects_continue() const { return expects_continue_; }

  int status() const { return status_; }
  std::string_view problem() const { return problem_; }

 private:
  struct Piece {
    std::size_t at = 0;
    std::size_t size = 0;
  };
  struct FieldPieces {
    Piece name;
    Piece value;
  };

  Piece keep(std::string_view text);
  std::string_view at(Piece piece) const {
    return std::string_view(text_).substr(piece.at, piece.size);
  }
  void add_own(std::string_view name, std::string_view value);
  bool bad(int status, std::string_view problem);
  bool end_target();
  bool end_host();
  bool end_fields();

  const Limits& limits_;
  std::string text_;  // Of all fields; views are made once it no longer moves.
  std::vector<FieldPieces> pieces_;
  std::size_t bytes_ = 0;
  std::size_t fields_ = 0;
  Piece method_;
  Piece target_;
  Piece authority_;
  bool has_authority_ = false;
  std::string cookies_;
  bool expects_continue_ = false;
  RequestHead head_;
  int status_ = 0;
  std::string_view problem_;
};

}  // namespace net
