#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace telemetry {

// Appends fields of Protocol Buffers messages to a text: each is a varint of its number and wire
// type, then its value. Of the format only what is written here: there is no schema and no reader.
class ProtobufWriter {
 public:
  explicit ProtobufWriter(std::string& out) : out_(out) {}

  void varint(unsigned field, std::uint64_t value) {
    tag(field, 0);
    append_varint(value);
  }
  void fixed64(unsigned field, std::uint64_t value) {
    tag(field, 1);
    append_little(value, 8);
  }
  void fixed32(unsigned field, std::uint32_t value) {
    tag(field, 5);
    append_little(value, 4);
  }
  // Of bytes, or of a text: UTF-8.
  void bytes(unsigned field, std::string_view value) {
    tag(field, 2);
    append_varint(value.size());
    out_.append(value);
  }
  // A message whose fields `fill` writes.
  template <typename Fill>
  void message(unsigned field, Fill fill) {
    tag(field, 2);
    const std::size_t begin = out_.size();
    fill(*this);
    std::string length;
    ProtobufWriter(length).append_varint(out_.size() - begin);
    out_.insert(begin, length);
  }
  // Fields that are written already.
  void fields(std::string_view encoded) { out_.append(encoded); }

 private:
  void tag(unsigned field, unsigned wire_type) { append_varint(field << 3U | wire_type); }
  void append_varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) out_ += static_cast<char>(value | 0x80U);
    out_ += static_cast<char>(value);
  }
  void append_little(std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out_ += static_cast<char>(value >> (8 * i));
  }

  std::string& out_;
};

}  // namespace telemetry
