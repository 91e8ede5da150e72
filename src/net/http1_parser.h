#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/beast/http/basic_parser.hpp>

#include "net/limits.h"
#include "net/request.h"

namespace net {

// Reads one HTTP/1.x request from a buffer that grows, without sockets and without allocating in
// the steady state. Beast reads request line, fields and chunks; what Beast lets pass and two
// servers could read differently is refused here: several or odd lengths, transfer codings other
// than "chunked", folded lines, targets that are no path, a missing or repeated Host.
//
// Use: read_head() until it is not NeedMore; then, for a chunked body, read_chunks() likewise.
class Http1Parser {
 public:
  enum class Step : unsigned char { NeedMore, Done, Bad };

  // `limits` outlives the parser.
  explicit Http1Parser(const Limits& limits);
  explicit Http1Parser(Limits&&) = delete;

  // Forgets everything, for the next request.
  void reset();

  // `bytes` starts with the first byte of the request and holds what has arrived; from call to
  // call it only grows (and may have moved).
  Step read_head(std::string_view bytes);

  // Behind read_head() == Done. The views of head() are of the `bytes` of the last call.
  const RequestHead& head() const { return head_; }
  // Where all requests of the connection come from; outlives the parser.
  void set_source(std::string_view source) { head_.source = source; }
  std::size_t head_bytes() const { return head_bytes_; }
  bool chunked() const { return parser_->chunked(); }
  bool has_body() const { return chunked() || head_.content_length.value_or(0) > 0; }
  bool keep_alive() const { return parser_->keep_alive(); }
  bool expects_continue() const { return expects_continue_; }

  // Points head() at the same bytes elsewhere.
  void rebase(std::string_view bytes);

  // Takes chunks from `bytes`, which start where the last call stopped, and appends what they
  // carry to `body`. `taken` says how many bytes were used up. A chunk that would take `body` past
  // `body_bytes_max` is Bad as soon as its length is read.
  Step read_chunks(std::string_view bytes, std::uint64_t body_bytes_max, std::string& body,
                   std::size_t& taken);

  // Behind Bad: what to answer.
  int status() const { return status_; }
  std::string_view problem() const { return problem_; }

 private:
  // What Beast calls. Keeps positions, not views: the buffer may move while a head arrives.
  struct Fields final : boost::beast::http::basic_parser<true> {
    explicit Fields(Http1Parser& owner) : owner_(owner) {}
    using string_view = boost::beast::string_view;
    using error_code = boost::beast::error_code;
    using Length = boost::optional<std::uint64_t>;

    void on_request_impl(boost::beast::http::verb verb, string_view method, string_view target,
                         int version, error_code& ec) override;
    void on_response_impl(int, string_view, int, error_code&) override {}
    void on_field_impl(boost::beast::http::field name, string_view text, string_view value,
                       error_code& ec) override;
    void on_header_impl(error_code& ec) override;
    void on_body_init_impl(const Length&, error_code&) override {}
    std::size_t on_body_impl(string_view body, error_code&) override { return body.size(); }
    void on_chunk_header_impl(std::uint64_t size, string_view, error_code& ec) override;
    std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override;
    void on_finish_impl(error_code&) override {}

    Http1Parser& owner_;
  };

  // A piece of the head, counted from its first byte.
  struct Piece {
    std::size_t at = 0;
    std::size_t size = 0;
  };
  struct FieldPieces {
    Piece name;
    Piece value;
  };

  Step bad(int status, std::string_view problem);
  Step refuse_error(boost::beast::error_code error, std::string_view bytes);
  Step check_waiting(std::string_view bytes);
  Piece piece_of(std::string_view text) const;
  bool take_request_line(std::string_view method, std::string_view target, int version);
  bool take_target(std::string_view target);
  bool take_field(boost::beast::http::field name, std::string_view text, std::string_view value);
  bool take_length(std::string_view value);
  bool check_head();

  const Limits& limits_;
  std::optional<Fields> parser_;
  std::string_view bytes_;    // Of the call in progress.
  std::size_t consumed_ = 0;  // What Beast has used up of the head.
  std::size_t head_bytes_ = 0;
  Piece path_;
  Piece query_;
  std::vector<FieldPieces> pieces_;
  RequestHead head_;
  std::size_t hosts_ = 0;
  bool line_read_ = false;
  bool head_read_ = false;
  bool has_coding_ = false;
  bool expects_continue_ = false;
  std::string* chunk_body_ = nullptr;
  std::uint64_t chunk_body_max_ = 0;
  int status_ = 0;
  std::string_view problem_;
};

}  // namespace net
