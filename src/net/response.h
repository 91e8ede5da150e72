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

  // A field behind the body, which only HTTP/2 sends; of a gRPC call, behind its last message.
  void add_trailer(std::string_view name, std::string_view value);
  const std::string& trailer_block() const { return trailer_block_; }

  // How a gRPC call ends (Admission::accept_messages); anything but 0 ends it at once, without a
  // message. Nothing else looks at it.
  void set_grpc_status(int status, std::string_view message);
  int grpc_status() const { return grpc_status_; }
  const std::string& grpc_message() const { return grpc_message_; }

  // 200, application/json, empty.
  void clear();

 private:
  int status_ = 200;
  std::string content_type_ = "application/json";
  std::string header_block_;
  std::string trailer_block_;
  std::string grpc_message_;
  int grpc_status_ = 0;
  std::string body_;
};

// The standard phrase of a status; "" where there is none.
std::string_view reason_phrase(int status);

}  // namespace net
