#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace engine_onnx {

// The fields of one message of Protocol Buffers, front to back, over bytes that somebody else owns:
//   tag (varint: field number << 3 | wire type), then a varint, 8 bytes, a length and so many
//   bytes, or 4 bytes.
// A file that was made to be read in two ways gets no further: groups, field number 0 and varints
// of more than 64 bits are malformed here.
class ProtobufReader {
 public:
  enum class Wire : std::uint8_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };
  struct Field {
    std::uint32_t number = 0;
    Wire wire = Wire::Varint;
    std::uint64_t integer = 0;  // Of all but Bytes.
    std::string_view bytes;
  };

  explicit ProtobufReader(std::string_view message) : rest_(message) {}

  // Nothing at the end, and where the message is malformed.
  std::optional<Field> next() {
    if (rest_.empty() || malformed_) return std::nullopt;
    auto field = take();
    malformed_ = !field.has_value();
    return field;
  }
  bool malformed() const { return malformed_; }

  std::optional<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      if (shift == 63 && byte > 1) return std::nullopt;
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return value;
    }
    return std::nullopt;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::optional<Field> take() {
    const auto tag = varint();
    if (!tag || *tag > UINT32_MAX || *tag >> 3U == 0) return std::nullopt;
    Field field{.number = static_cast<std::uint32_t>(*tag >> 3U),
                .wire = static_cast<Wire>(*tag & 7U),
                .integer = 0,
                .bytes = {}};
    switch (field.wire) {
      case Wire::Varint: {
        const auto value = varint();
        if (!value) return std::nullopt;
        field.integer = *value;
        return field;
      }
      case Wire::Bytes: {
        const auto size = varint();
        if (!size || *size > rest_.size()) return std::nullopt;
        field.bytes = rest_.substr(0, static_cast<std::size_t>(*size));
        rest_.remove_prefix(static_cast<std::size_t>(*size));
        return field;
      }
      case Wire::Fixed64: return fixed(field, 8);
      case Wire::Fixed32: return fixed(field, 4);
    }
    return std::nullopt;
  }
  std::optional<Field> fixed(Field field, std::size_t bytes) {
    if (rest_.size() < bytes) return std::nullopt;
    for (std::size_t i = 0; i < bytes; ++i) {
      field.integer |= std::uint64_t{static_cast<unsigned char>(rest_[i])} << (8 * i);
    }
    rest_.remove_prefix(bytes);
    return field;
  }

  std::string_view rest_;
  bool malformed_ = false;
};

// Reads the fields of `message` that are texts or messages; false where one of these is not.
template <typename Take>
bool read_fields(std::string_view message, Take take) {
  ProtobufReader reader(message);
  while (const auto field = reader.next()) {
    if (!take(*field)) return false;
  }
  return !reader.malformed();
}

}  // namespace engine_onnx
