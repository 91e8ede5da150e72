// Forms of multipart/form-data: what is read lies in the body, part behind part, and is the same
// when it is read again; written anew it reads back as it was.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "contract/multipart.h"

namespace {

constexpr std::size_t kPartsMax = 8;

void check(bool fine) {
  if (!fine) std::abort();
}

bool same(const std::vector<contract::Part>& a, const std::vector<contract::Part>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].name != b[i].name || a[i].bytes != b[i].bytes) return false;
  }
  return true;
}

// With a boundary that is in none of them.
void check_written(const std::vector<contract::Part>& parts) {
  std::string boundary = "0";
  for (const contract::Part& part : parts) {
    while (boundary.size() < 60 && part.bytes.find(boundary) != std::string_view::npos) {
      boundary += static_cast<char>('0' + boundary.size() % 10);
    }
    // What no head can hold.
    if (part.name.size() > 1000 || part.name.find("\r\n") != std::string::npos) return;
  }
  if (boundary.size() == 60) return;
  std::string body;
  for (const contract::Part& part : parts) {
    body += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"";
    for (const char c : part.name) {
      if (c == '"' || c == '\\') body += '\\';
      body += c;
    }
    body += "\"\r\n\r\n" + std::string(part.bytes) + "\r\n";
  }
  body += "--" + boundary + "--";
  const auto again = contract::parse_multipart("x; boundary=" + boundary, body, kPartsMax);
  check(again.ok() && same(*again, parts));
}

}  // namespace

// The first line is Content-Type.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos) return 0;
  const std::string_view body = text.substr(line + 1);
  const auto parts = contract::parse_multipart(text.substr(0, line), body, kPartsMax);
  if (!parts.ok()) return 0;
  check(!parts->empty() && parts->size() <= kPartsMax);
  const char* at = body.data();
  for (const contract::Part& part : *parts) {
    check(part.bytes.data() >= at);
    at = part.bytes.data() + part.bytes.size();
    check(at <= body.data() + body.size());
    check(!part.name.empty() && !base::find_invalid_utf8(part.name));
  }
  check(same(*contract::parse_multipart(text.substr(0, line), body, kPartsMax), *parts));
  check_written(*parts);
  return 0;
}
