// TensorProto:
//   1 dims (int64s)  2 data_type (int32)  3 segment  4 float_data  5 int32_data  6 string_data
//   7 int64_data  8 name  9 raw_data  10 double_data  11 uint64_data  13 external_data (key 1,
//   value 2)  14 data_location (0: here, 1: in external_data)
// Elements lie in raw_data where it is there, else in the field of their type; numbers are packed
// or not.
#include "engine_onnx/onnx_tensor.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <string>

#include <fmt/format.h>

#include "base/text.h"
#include "engine_onnx/onnx_element.h"
#include "engine_onnx/protobuf_reader.h"

namespace engine_onnx {
namespace {

using base::Code;
using base::Error;
using base::Result;
using Field = ProtobufReader::Field;
using Wire = ProtobufReader::Wire;

constexpr std::size_t kLocationMax = 1024;
constexpr std::uint64_t kNumberMax = std::numeric_limits<std::uint64_t>::max();

// A TensorProto as its fields came.
struct Parts {
  std::vector<std::int64_t> dims;
  std::int32_t type = 0;
  std::string_view name;
  std::optional<std::string_view> raw;
  std::array<std::uint64_t, 6> counts{};  // Of numbers, by ElementField.
  std::uint64_t text_bytes = 0;
  std::vector<std::string_view> external;  // Entries.
  bool is_external = false;
};

Error malformed() { return Error(Code::Corrupt, "malformed tensor"); }

// How many numbers a packed field holds, or the one that is not packed.
std::optional<std::uint64_t> count_numbers(const Field& field, Wire wire) {
  if (field.wire == wire) return 1;
  if (field.wire != Wire::Bytes) return std::nullopt;
  if (wire == Wire::Varint) {
    if (!field.bytes.empty() && (static_cast<unsigned char>(field.bytes.back()) & 0x80U) != 0) {
      return std::nullopt;
    }
    return static_cast<std::uint64_t>(std::ranges::count_if(
        field.bytes, [](char byte) { return (static_cast<unsigned char>(byte) & 0x80U) == 0; }));
  }
  const std::size_t width = wire == Wire::Fixed32 ? 4 : 8;
  if (field.bytes.size() % width != 0) return std::nullopt;
  return field.bytes.size() / width;
}

bool add_dims(const Field& field, std::size_t most, std::vector<std::int64_t>& dims) {
  if (field.wire == Wire::Varint) {
    dims.push_back(static_cast<std::int64_t>(field.integer));
    return dims.size() <= most;
  }
  if (field.wire != Wire::Bytes) return false;
  ProtobufReader packed(field.bytes);
  while (!packed.at_end()) {
    const auto extent = packed.varint();
    if (!extent || dims.size() == most) return false;
    dims.push_back(static_cast<std::int64_t>(*extent));
  }
  return true;
}

bool add_numbers(const Field& field, ElementField kind, Wire wire, Parts& parts) {
  const auto count = count_numbers(field, wire);
  if (count) parts.counts[static_cast<std::size_t>(kind)] += *count;
  return count.has_value();
}

// False where the field is not what its number says.
bool take_field(const Field& field, const OnnxLimits& limits, Parts& parts) {
  switch (field.number) {
    case 1: return add_dims(field, limits.dimensions, parts.dims);
    case 2:
      parts.type = static_cast<std::int32_t>(field.integer);
      return field.wire == Wire::Varint;
    case 4: return add_numbers(field, ElementField::Float, Wire::Fixed32, parts);
    case 5: return add_numbers(field, ElementField::Int32, Wire::Varint, parts);
    case 6:
      ++parts.counts[static_cast<std::size_t>(ElementField::Text)];
      parts.text_bytes += field.bytes.size();
      return field.wire == Wire::Bytes;
    case 7: return add_numbers(field, ElementField::Int64, Wire::Varint, parts);
    case 8: parts.name = field.bytes; return field.wire == Wire::Bytes;
    case 9: parts.raw = field.bytes; return field.wire == Wire::Bytes;
    case 10: return add_numbers(field, ElementField::Double, Wire::Fixed64, parts);
    case 11: return add_numbers(field, ElementField::Uint64, Wire::Varint, parts);
    case 13: parts.external.push_back(field.bytes); return field.wire == Wire::Bytes;
    case 14:
      // As wide as the runtime reads it.
      parts.is_external = static_cast<std::int32_t>(field.integer) == 1;
      return field.wire == Wire::Varint;
    default: return field.number != 3;  // A segment is a part of a tensor, and nobody's use.
  }
}

Result<Parts> read_parts(std::string_view message, const OnnxLimits& limits) {
  Parts parts;
  ProtobufReader reader(message);
  while (const auto field = reader.next()) {
    if (!take_field(*field, limits, parts)) return malformed();
  }
  if (reader.malformed()) return malformed();
  return parts;
}

std::string element_form(const Element& element, const std::vector<std::int64_t>& dims) {
  return fmt::format("{}[{}]", element.name, fmt::join(dims, ","));
}

// The product of the dimensions, and what so many elements take in bytes.
struct Extent {
  std::uint64_t elements = 1;
  std::uint64_t bytes = 0;
};

Result<Extent> extent_of(const Element& element, const std::vector<std::int64_t>& dims) {
  Extent extent;
  // Bits are counted too, so no more than this.
  constexpr std::uint64_t kMost = kNumberMax / 256;
  for (const std::int64_t dim : dims) {
    const auto size = static_cast<std::uint64_t>(dim);
    if (dim < 0 || (size != 0 && extent.elements > kMost / size)) {
      return Error(Code::Corrupt, fmt::format("expected dimensions that fit in memory, got {}",
                                              element_form(element, dims)));
    }
    extent.elements *= size;
  }
  extent.bytes = (extent.elements * element.bits + 7) / 8;
  return extent;
}

Result<void> check_here(const Parts& parts, const Element& element, const Extent& extent) {
  if (parts.raw && element.field != ElementField::Text) {
    if (parts.raw->size() == extent.bytes) return {};
    return Error(Code::Corrupt, fmt::format("expected {} bytes of {}, got {}", extent.bytes,
                                            element_form(element, parts.dims), parts.raw->size()));
  }
  // Elements of less than a byte share one.
  const std::uint64_t wanted =
      element.bits != 0 && element.bits < 8 ? extent.bytes : extent.elements * element.numbers;
  const std::uint64_t got = parts.counts[static_cast<std::size_t>(element.field)];
  if (got == wanted) return {};
  return Error(Code::Corrupt, fmt::format("expected {} elements of {}, got {}", wanted,
                                          element_form(element, parts.dims), got));
}

struct Entry {
  std::string_view key;
  std::string_view value;
};

Result<Entry> read_entry(std::string_view message) {
  Entry entry;
  ProtobufReader reader(message);
  while (const auto field = reader.next()) {
    if (field->number == 1) entry.key = field->bytes;
    if (field->number == 2) entry.value = field->bytes;
    if (field->wire != Wire::Bytes) return malformed();
  }
  if (reader.malformed()) return malformed();
  return entry;
}

Result<std::uint64_t> read_number(const Entry& entry) {
  std::uint64_t value = 0;
  const char* end = entry.value.data() + entry.value.size();
  const auto [stopped, problem] = std::from_chars(entry.value.data(), end, value);
  if (problem != std::errc{} || stopped != end || value > kNumberMax / 4) {
    return Error(Code::Corrupt, fmt::format("external data: {}: expected a number of bytes, got {}",
                                            entry.key, base::quote(entry.value)));
  }
  return value;
}

Result<void> take_entry(const Entry& entry, ExternalData& data,
                        std::optional<std::uint64_t>& length) {
  if (entry.key == "location") {
    if (!is_beneath(entry.value)) {
      return Error(Code::Invalid,
                   fmt::format("external data: expected a file beneath the model's folder, got {}",
                               base::quote(entry.value)));
    }
    data.location = entry.value;
  } else if (entry.key == "offset") {
    TRY_ASSIGN(data.offset, read_number(entry));
  } else if (entry.key == "length") {
    TRY_ASSIGN(length, read_number(entry));
  } else if (entry.key != "checksum") {
    return Error(
        Code::Unsupported,
        fmt::format("external data: expected location, offset, length and checksum, got {}",
                    base::quote(entry.key)));
  }
  return {};
}

Result<ExternalData> read_external(const Parts& parts, const Element& element,
                                   const Extent& extent) {
  if (element.field == ElementField::Text) {
    return Error(Code::Unsupported, "external data: expected numbers, got STRING");
  }
  ExternalData data{.tensor = std::string(parts.name),
                    .element = parts.type,
                    .shape = parts.dims,
                    .location = {},
                    .offset = 0,
                    .length = 0};
  std::optional<std::uint64_t> length;
  std::vector<std::string_view> keys;
  for (const std::string_view message : parts.external) {
    TRY_ASSIGN(const Entry entry, read_entry(message));
    // The runtime takes the last, another reader the first.
    if (std::ranges::find(keys, entry.key) != keys.end() || keys.size() == 4) {
      return Error(Code::Corrupt, fmt::format("external data: expected each key once, got {}",
                                              base::quote(entry.key)));
    }
    keys.push_back(entry.key);
    TRY(take_entry(entry, data, length));
  }
  if (data.location.empty()) return Error(Code::Corrupt, "external data: expected a location");
  data.length = extent.bytes;
  if (length && *length != extent.bytes) {
    return Error(Code::Corrupt,
                 fmt::format("external data: expected {} bytes of {}, got {}", extent.bytes,
                             element_form(element, parts.dims), *length));
  }
  return data;
}

Result<OnnxTensor> check(const Parts& parts) {
  const Element* element = find_element(parts.type);
  if (element == nullptr) {
    return Error(Code::Unsupported,
                 fmt::format("expected a type of elements of ONNX, got number {}", parts.type));
  }
  TRY_ASSIGN(const Extent extent, extent_of(*element, parts.dims));
  OnnxTensor tensor{.name = parts.name,
                    .bytes = extent.bytes + parts.text_bytes,
                    .elements = extent.elements,
                    .external = {}};
  if (parts.is_external) {
    TRY_ASSIGN(tensor.external, read_external(parts, *element, extent));
  } else {
    TRY(check_here(parts, *element, extent));
  }
  return tensor;
}

}  // namespace

bool is_beneath(std::string_view location) {
  // "*/_ORT_MEM_ADDR_/*" makes the runtime read its own memory at an address that the file gives.
  constexpr std::string_view kRefused("\0\\*:", 4);
  if (location.empty() || location.size() > kLocationMax ||
      location.find_first_of(kRefused) != std::string_view::npos) {
    return false;
  }
  while (true) {
    const std::size_t end = location.find('/');
    const std::string_view part = location.substr(0, end);
    if (part.empty() || part == "." || part == "..") return false;
    if (end == std::string_view::npos) return true;
    location.remove_prefix(end + 1);
  }
}

Result<OnnxTensor> read_onnx_tensor(std::string_view message, const OnnxLimits& limits) {
  auto parts = read_parts(message, limits);
  if (!parts.ok()) return std::move(parts).error();
  auto tensor = check(*parts);
  if (tensor.ok() || parts->name.empty()) return tensor;
  return std::move(tensor).error().within(fmt::format("tensor {}", base::quote(parts->name)));
}

}  // namespace engine_onnx
