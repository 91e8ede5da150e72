#include "contract/protobuf.h"

#include <climits>

#include <fmt/format.h>

#include "base/text.h"

namespace contract {
namespace {

using base::Code;
using base::Error;

enum class WireType : std::uint8_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

struct Field {
  std::uint32_t number = 0;
  WireType type = WireType::Varint;
  std::uint64_t integer = 0;
  std::string_view bytes;
};

std::optional<std::uint64_t> take_varint(std::string_view& from) {
  constexpr unsigned kBytesMax = 10;
  std::uint64_t value = 0;
  for (unsigned i = 0; i < kBytesMax && i < from.size(); ++i) {
    const auto byte = static_cast<unsigned char>(from[i]);
    value |= static_cast<std::uint64_t>(byte & 0x7fU) << (7 * i);
    if (byte < 0x80) {
      from.remove_prefix(i + 1);
      return value;
    }
  }
  return std::nullopt;
}

std::optional<Field> take_field(std::string_view& from) {
  const auto tag = take_varint(from);
  if (!tag || *tag > UINT32_MAX) return std::nullopt;
  Field field{.number = static_cast<std::uint32_t>(*tag >> 3U),
              .type = static_cast<WireType>(*tag & 7U)};
  std::uint64_t size = 0;
  switch (field.type) {
    case WireType::Varint: {
      const auto value = take_varint(from);
      if (!value) return std::nullopt;
      field.integer = *value;
      return field;
    }
    case WireType::Fixed64: size = 8; break;
    case WireType::Fixed32: size = 4; break;
    case WireType::Bytes: {
      const auto given = take_varint(from);
      if (!given) return std::nullopt;
      size = *given;
      break;
    }
    default: return std::nullopt;
  }
  if (size > from.size()) return std::nullopt;
  field.bytes = from.substr(0, static_cast<std::size_t>(size));
  from.remove_prefix(field.bytes.size());
  return field;
}

std::optional<Field> find(std::string_view message, std::uint32_t number, WireType type) {
  std::optional<Field> found;
  while (!message.empty()) {
    const auto field = take_field(message);
    if (!field) return std::nullopt;
    if (field->number == number && field->type == type) found = field;
  }
  return found;
}

}  // namespace

base::Result<void> parse_message(std::string_view bytes, google::protobuf::MessageLite& into) {
  if (bytes.size() <= INT_MAX &&
      into.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return {};
  }
  return Error(Code::Invalid, fmt::format("message: expected a {}, got {} bytes that are none",
                                          into.GetTypeName(), bytes.size()));
}

base::Result<void> append_message(const google::protobuf::MessageLite& message, std::string& out) {
  if (message.ByteSizeLong() <= INT_MAX && message.AppendToString(&out)) return {};
  return Error(Code::Exhausted, fmt::format("answer: expected at most 2 GiB, got {}",
                                            base::human_bytes(message.ByteSizeLong())));
}

std::optional<std::string_view> find_field(std::string_view message, std::uint32_t number) {
  const auto found = find(message, number, WireType::Bytes);
  return found ? std::optional(found->bytes) : std::nullopt;
}

std::optional<std::uint64_t> find_integer(std::string_view message, std::uint32_t number) {
  const auto found = find(message, number, WireType::Varint);
  return found ? std::optional(found->integer) : std::nullopt;
}

}  // namespace contract
