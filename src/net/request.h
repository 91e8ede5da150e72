#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace net {

enum class Method : unsigned char { Get, Head, Post, Put, Delete, Patch, Options, Trace, Query };

std::string_view method_name(Method method);
// Nothing for methods that are not served.
std::optional<Method> find_method(std::string_view name);

struct Header {
  std::string_view name;  // As sent; compare with same_name().
  std::string_view value;
};

// Whether two field names are the same: ASCII case does not count.
bool same_name(std::string_view a, std::string_view b);

// Whether it may name a host, with or without port.
bool is_host(std::string_view text);

struct RequestTarget {
  std::string_view path;
  std::string_view query;
};

// The parts of a target in origin form, or of the "*" of OPTIONS; nothing for what is neither.
std::optional<RequestTarget> split_target(Method method, std::string_view target);

// Request line and fields of one request, as checked views of the connection's buffer: they
// live as long as the exchange.
struct RequestHead {
  Method method = Method::Get;
  std::string_view path;   // Starts with '/' (or is "*"); percent-encoding as sent.
  std::string_view query;  // Behind '?', without it.
  int version_major = 1;
  int version_minor = 1;  // Of HTTP/1.
  std::vector<Header> headers;
  // Length of the body where the client says it; nothing for a chunked body.
  std::optional<std::uint64_t> content_length;
  // The address that the connection comes from, as text without port; not of the client's choice.
  std::string_view source;

  // The value of the first field of that name.
  std::optional<std::string_view> header(std::string_view name) const;
  // How many fields have that name: a credential that comes twice is no credential.
  std::size_t count(std::string_view name) const;
};

}  // namespace net
