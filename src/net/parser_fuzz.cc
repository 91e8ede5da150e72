#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/http1_parser.h"

// A request is read the same wherever its bytes are cut: read whole, and again in pieces whose
// size the first byte gives, it is complete both times or neither, with the same fields and body.

namespace {

struct Outcome {
  bool complete = false;
  bool has_head = false;
  std::string head;
  std::string body;

  bool operator==(const Outcome&) const = default;
};

std::string describe(const net::Http1Parser& parser) {
  const net::RequestHead& head = parser.head();
  std::string text(net::method_name(head.method));
  text.append(" ").append(head.path).append("?").append(head.query);
  for (const net::Header& header : head.headers) {
    text.append("\n").append(header.name).append(":").append(header.value);
  }
  return text + "\n" + std::to_string(head.content_length.value_or(0));
}

Outcome read(std::string_view text, std::size_t step, const net::Limits& limits) {
  net::Http1Parser parser(limits);
  Outcome outcome;
  std::size_t body_at = 0;
  for (std::size_t size = std::min(step, text.size());; size = std::min(size + step, text.size())) {
    const std::string_view arrived = text.substr(0, size);
    auto done = net::Http1Parser::Step::NeedMore;
    if (!outcome.has_head) {
      done = parser.read_head(arrived);
      outcome.has_head = done == net::Http1Parser::Step::Done;
      if (outcome.has_head) {
        outcome.head = describe(parser);
        body_at = parser.head_bytes();
        outcome.complete = !parser.chunked();
        if (outcome.complete) return outcome;
      }
    }
    if (outcome.has_head) {
      std::size_t taken = 0;
      done = parser.read_chunks(arrived.substr(body_at), 1000, outcome.body, taken);
      body_at += taken;
      outcome.complete = done == net::Http1Parser::Step::Done;
    }
    if (outcome.complete || done == net::Http1Parser::Step::Bad || size == text.size())
      return outcome;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  static const net::Limits limits;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = read(text, text.size(), limits);
  const Outcome cut = read(text, data[0] % 64 + std::size_t{1}, limits);
  // What is not a request may be refused sooner or later, and for the one fault or the other.
  if (!whole.complete && !cut.complete) return 0;
  if (!(whole == cut)) std::abort();
  return 0;
}
