#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hostile {

// Writes opcodes the way each protocol spells them.
class Writer {
 public:
  explicit Writer(unsigned protocol) : protocol_(protocol) {}

  unsigned protocol() const { return protocol_; }
  const std::string& body() const { return body_; }

  Writer& raw(std::string_view bytes) {
    body_ += bytes;
    return *this;
  }
  Writer& text(std::string_view text);
  Writer& bytes(std::string_view bytes);
  // GLOBAL, or STACK_GLOBAL where names are on the stack.
  Writer& global(std::string_view module, std::string_view name);
  Writer& stack_global(std::string_view module, std::string_view name);
  // ("id",)
  Writer& args();
  Writer& put(std::uint32_t index);
  Writer& get(std::uint32_t index);

  // PROTO, a FRAME from protocol 4 on, the body, STOP.
  std::string finish() const;

 private:
  unsigned protocol_;
  std::string body_;
};

std::string little(std::uint64_t value, unsigned width);

}  // namespace hostile
