#include "net/response.h"

#include <algorithm>

namespace net {
namespace {

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

// In one piece: nearly all are clean, and each answer has several.
void append_clean(std::string& out, std::string_view text) {
  const std::size_t begin = out.size();
  out += text;
  if (std::none_of(text.begin(), text.end(), is_control)) return;
  std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(), is_control, ' ');
}

void append_field(std::string& block, std::string_view name, std::string_view value) {
  append_clean(block, name);
  block += ": ";
  append_clean(block, value);
  block += "\r\n";
}

}  // namespace

void Response::add_header(std::string_view name, std::string_view value) {
  append_field(header_block_, name, value);
}

void Response::add_trailer(std::string_view name, std::string_view value) {
  append_field(trailer_block_, name, value);
}

void Response::set_grpc_status(int status, std::string_view message) {
  grpc_status_ = status;
  grpc_message_ = message;
}

void Response::clear() {
  status_ = 200;
  content_type_ = "application/json";
  header_block_.clear();
  trailer_block_.clear();
  grpc_status_ = 0;
  grpc_message_.clear();
  body_.clear();
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100: return "Continue";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 411: return "Length Required";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 424: return "Failed Dependency";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 499: return "Client Closed Request";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 507: return "Insufficient Storage";
    default: return "";
  }
}

}  // namespace net
