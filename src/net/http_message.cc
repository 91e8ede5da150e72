#include "net/http_message.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "net/request.h"

namespace net {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kValueBytesMax = 64 << 10;

// RFC 9110, section 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool is_value(std::string_view text) {
  return text.size() <= kValueBytesMax && std::all_of(text.begin(), text.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return (byte >= ' ' && byte != 0x7F) || c == '\t';
         });
}

}  // namespace

std::optional<std::string_view> HttpResponse::field(std::string_view name) const {
  for (const auto& [key, value] : fields) {
    if (same_name(key, name)) return value;
  }
  return std::nullopt;
}

base::Result<void> check_request(const HttpRequest& request) {
  constexpr std::array<std::string_view, 5> kOwn = {"Host", "Content-Length", "Connection",
                                                    "Transfer-Encoding", "User-Agent"};
  if (!is_token(request.method)) {
    return Error(Code::Invalid,
                 fmt::format("method {}: expected an HTTP method", base::quote(request.method)));
  }
  for (const auto& [name, value] : request.fields) {
    const bool own = std::any_of(kOwn.begin(), kOwn.end(), [&name = name](std::string_view each) {
      return same_name(each, name);
    });
    if (!is_token(name) || own) {
      return Error(Code::Invalid, fmt::format("field {}: expected a name that the client does not "
                                              "write itself",
                                              base::quote(name)));
    }
    if (!is_value(value)) {
      return Error(Code::Invalid,
                   fmt::format("field {}: expected a value of at most {} bytes without control "
                               "characters",
                               base::quote(name), kValueBytesMax));
    }
  }
  return {};
}

}  // namespace net
