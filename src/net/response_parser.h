#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/beast/http/basic_parser.hpp>

#include "base/result.h"
#include "net/http_message.h"

namespace net {

// Reads the answer to one request from bytes that arrive in any parts, without sockets. Beast reads
// status line, fields and chunks. Answers before the answer (100, 103) are passed over. Refuses
// (Corrupt) what is malformed, heads of more than kHeadBytesMax, more than kFieldsMax fields, a
// change of protocol, and what is behind the answer; (Exhausted) bodies past their ceiling.
class ResponseParser {
 public:
  static constexpr std::uint32_t kHeadBytesMax = 64 << 10;
  static constexpr std::size_t kFieldsMax = 256;
  static constexpr int kInterimMax = 8;

  // `request` outlives the parser.
  explicit ResponseParser(const HttpRequest& request);

  // Takes what has arrived; keeps what does not yet make a whole line.
  base::Result<void> put(std::string_view bytes);
  // The other side has ended. `cleanly`: not in the middle of a TLS record or by a reset.
  base::Result<void> end(bool cleanly);

  bool started() const { return started_; }  // Something has arrived.
  bool done() const { return done_; }
  // Whether another request can follow on the connection. Behind done().
  bool keep_alive() const { return keep_alive_; }
  HttpResponse& response() { return response_; }

 private:
  struct Fields final : boost::beast::http::basic_parser<false> {
    explicit Fields(ResponseParser& owner) : owner_(owner) {}
    using string_view = boost::beast::string_view;
    using error_code = boost::beast::error_code;
    using Length = boost::optional<std::uint64_t>;

    void on_request_impl(boost::beast::http::verb, string_view, string_view, int,
                         error_code&) override {}
    void on_response_impl(int status, string_view reason, int version, error_code& ec) override;
    void on_field_impl(boost::beast::http::field name, string_view text, string_view value,
                       error_code& ec) override;
    void on_header_impl(error_code& ec) override;
    void on_body_init_impl(const Length&, error_code&) override {}
    std::size_t on_body_impl(string_view body, error_code& ec) override;
    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code& ec) override;
    void on_finish_impl(error_code&) override {}

    ResponseParser& owner_;
  };

  void begin();
  base::Result<void> put_message(std::string_view& bytes);
  base::Result<void> finish_message(std::string_view rest);
  base::Error error_of(boost::beast::error_code error);
  bool take_head();
  bool take_body(std::string_view body);

  const HttpRequest& request_;
  std::optional<Fields> parser_;
  std::optional<base::Error> problem_;  // What made a callback stop the parser.
  std::string pending_;                 // Arrived, but not yet a whole line.
  HttpResponse response_;
  std::uint64_t body_bytes_ = 0;
  std::uint64_t body_bytes_max_ = 0;
  int interim_ = 0;
  bool to_sink_ = false;
  bool started_ = false;
  bool done_ = false;
  bool keep_alive_ = false;
};

}  // namespace net
