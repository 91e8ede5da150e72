#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/response_parser.h"
#include "net/url.h"

// An answer means the same however it is cut into parts. The first byte of the input says how many
// bytes arrive at a time, and whether the request was a HEAD and had a sink.

namespace {

struct Outcome {
  bool good = false;
  bool keep_alive = false;
  net::HttpResponse response;
  std::string content;
};

Outcome read(std::string_view text, std::size_t step, bool head, bool to_sink) {
  Outcome outcome;
  net::HttpRequest request;
  request.method = head ? "HEAD" : "GET";
  request.answer_bytes_max = 300;
  if (to_sink) {
    request.sink = [&outcome](base::Bytes bytes) {
      outcome.content += base::as_text(bytes);
      if (outcome.content.size() > 300) std::abort();
      return base::Result<void>();
    };
  }
  net::ResponseParser parser(request);
  for (; !text.empty(); text.remove_prefix(std::min(step, text.size()))) {
    if (!parser.put(text.substr(0, step)).ok()) return outcome;
  }
  outcome.good = parser.end(true).ok();
  if (outcome.good != parser.done()) std::abort();
  outcome.keep_alive = parser.keep_alive();
  outcome.response = parser.response();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t step = data[0] % 64 + 1U;
  const bool head = (data[0] & 64U) != 0;
  const bool to_sink = (data[0] & 128U) != 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = read(text, size, head, to_sink);
  const Outcome parts = read(text, step, head, to_sink);
  if (whole.good != parts.good) std::abort();
  if (!whole.good) return 0;
  if (whole.response.status != parts.response.status ||
      whole.response.fields != parts.response.fields ||
      whole.response.body != parts.response.body || whole.content != parts.content ||
      whole.keep_alive != parts.keep_alive) {
    std::abort();
  }
  const net::Url base{.origin = {.tls = true, .host = "a", .port = 1}, .target = "/b/c?d"};
  if (const auto location = whole.response.field("Location")) {
    const auto url = base.resolve(*location);
    if (url.ok() && net::Url::parse(url->text()).ok() == false) std::abort();
  }
  return 0;
}
