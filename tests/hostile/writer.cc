#include "writer.h"

#include <fmt/format.h>

#include "base/text.h"

namespace hostile {

std::string little(std::uint64_t value, unsigned width) {
  std::string out;
  for (unsigned i = 0; i < width; ++i, value >>= 8U) {
    out += static_cast<char>(static_cast<unsigned char>(value));
  }
  return out;
}

Writer& Writer::text(std::string_view text) {
  if (protocol_ == 0) {
    body_ += 'V';
    for (std::size_t at = 0; at < text.size();) {
      const auto point = static_cast<std::uint32_t>(base::next_point(text, at));
      const bool plain = point < 0x80 && point != '\\' && point != '\n';
      body_ += plain ? std::string(1, static_cast<char>(point)) : fmt::format("\\U{:08x}", point);
    }
    body_ += '\n';
  } else if (protocol_ == 2 && text.size() < 256) {
    body_ += 'U' + little(text.size(), 1) + std::string(text);
  } else if (protocol_ >= 4 && text.size() < 256) {
    body_ += '\x8c' + little(text.size(), 1) + std::string(text);
  } else {
    body_ += 'X' + little(text.size(), 4) + std::string(text);
  }
  return *this;
}

Writer& Writer::bytes(std::string_view bytes) {
  if (protocol_ < 3) {
    body_ += 'T' + little(bytes.size(), 4) + std::string(bytes);
  } else if (protocol_ == 5) {
    body_ += '\x96' + little(bytes.size(), 8) + std::string(bytes);
  } else {
    body_ += 'B' + little(bytes.size(), 4) + std::string(bytes);
  }
  return *this;
}

Writer& Writer::global(std::string_view module, std::string_view name) {
  body_ += fmt::format("c{}\n{}\n", module, name);
  return *this;
}

Writer& Writer::stack_global(std::string_view module, std::string_view name) {
  text(module).text(name);
  body_ += '\x93';
  return *this;
}

Writer& Writer::args() {
  body_ += protocol_ < 2 ? "(" : "";
  text("id");
  body_ += protocol_ < 2 ? "t" : "\x85";
  return *this;
}

Writer& Writer::put(std::uint32_t index) {
  if (protocol_ == 0) {
    body_ += fmt::format("p{}\n", index);
  } else if (index < 256) {
    body_ += 'q' + little(index, 1);
  } else {
    body_ += 'r' + little(index, 4);
  }
  return *this;
}

Writer& Writer::get(std::uint32_t index) {
  if (protocol_ == 0) {
    body_ += fmt::format("g{}\n", index);
  } else if (index < 256) {
    body_ += 'h' + little(index, 1);
  } else {
    body_ += 'j' + little(index, 4);
  }
  return *this;
}

std::string Writer::finish() const {
  const std::string ended = body_ + '.';
  if (protocol_ < 2) return ended;
  std::string out = '\x80' + little(protocol_, 1);
  if (protocol_ >= 4) out += '\x95' + little(ended.size(), 8);
  return out + ended;
}

}  // namespace hostile
