#pragma once

#include <string>
#include <string_view>

namespace net {

// An answer in the making. Its strings are reused from one request of a connection to the next,
// so that a steady stream of answers allocates nothing.
class Response {
 public:
  int status() const { return status_; }
  void set_status(int status) { status_ = status; }

  // Precondition: a media type, without control characters.
  void set_content_type(std::string_view type) { content_type_ = type; }
  const std::string& content_type() const { return content_type_; }

  std::string& body() { return body_; }
  const std::string& body() const { return body_; }

  // Adds a field. Control characters become spaces, so no value can start a field of its own.
  // Content-Type, Content-Length, Date and Connection are written by the connection.
  void add_header(std::string_view name, std::string_view value);
  // The added fields as they are sent, each ended by CRLF.
  const std::string& header_block() const { return header_block_; }

  // 200, application/json, empty.
  void clear();

 private:
  int status_ = 200;
  std::string content_type_ = "application/json";
  std::string header_block_;
  std::string body_;
};

// The standard phrase of a status; "" where there is none.
std::string_view reason_phrase(int status);

}  // namespace net
