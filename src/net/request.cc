#include "net/request.h"

#include <algorithm>
#include <array>

namespace net {
namespace {

constexpr std::array kMethods = {Method::Post,    Method::Get,    Method::Head,
                                 Method::Put,     Method::Delete, Method::Patch,
                                 Method::Options, Method::Trace,  Method::Query};

bool is_host_char(char c) {
  const bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return word || std::string_view("-._~:[]%!$&'()*+,;=").find(c) != std::string_view::npos;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

}  // namespace

std::string_view method_name(Method method) {
  switch (method) {
    case Method::Get: return "GET";
    case Method::Head: return "HEAD";
    case Method::Post: return "POST";
    case Method::Put: return "PUT";
    case Method::Delete: return "DELETE";
    case Method::Patch: return "PATCH";
    case Method::Options: return "OPTIONS";
    case Method::Trace: return "TRACE";
    case Method::Query: return "QUERY";
  }
  return "GET";
}

std::optional<Method> find_method(std::string_view name) {
  for (const Method method : kMethods) {
    if (method_name(method) == name) return method;
  }
  return std::nullopt;
}

bool is_host(std::string_view text) { return std::all_of(text.begin(), text.end(), is_host_char); }

std::optional<RequestTarget> split_target(Method method, std::string_view target) {
  const bool all = target == "*" && method == Method::Options;
  const auto odd = [](char c) {
    return c <= ' ' || static_cast<unsigned char>(c) >= 0x7F || c == '#';
  };
  if ((!all && !target.starts_with('/')) || std::any_of(target.begin(), target.end(), odd)) {
    return std::nullopt;
  }
  const std::size_t mark = std::min(target.find('?'), target.size());
  return RequestTarget{target.substr(0, mark), target.substr(std::min(mark + 1, target.size()))};
}

bool same_name(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

std::optional<std::string_view> RequestHead::header(std::string_view name) const {
  for (const Header& header : headers) {
    if (same_name(header.name, name)) return header.value;
  }
  return std::nullopt;
}

std::size_t RequestHead::count(std::string_view name) const {
  std::size_t found = 0;
  for (const Header& header : headers) found += same_name(header.name, name) ? 1 : 0;
  return found;
}

}  // namespace net
