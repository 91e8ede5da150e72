// ValueInfoProto: 1 name  2 type
// TypeProto: 1 tensor {1 elem_type  2 shape}  4 sequence {1 elem_type}  5 map {1 key_type
//   2 value_type}  7 opaque  8 sparse tensor {1 elem_type  2 shape}  9 optional {1 elem_type}
// TensorShapeProto: 1 dim {1 dim_value  2 dim_param}
#include "engine_onnx/onnx_type.h"

#include <cstdint>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "engine_onnx/onnx_element.h"
#include "engine_onnx/protobuf_reader.h"

namespace engine_onnx {
namespace {

using base::Code;
using base::Error;
using base::Result;
using Wire = ProtobufReader::Wire;

// Sequences of sequences; deeper ones are told as "...".
constexpr unsigned kTypeDepthMax = 4;

// The last field of that number and form; malformed messages end early, for the runtime to refuse.
std::optional<ProtobufReader::Field> find_last(std::string_view message, std::uint32_t number,
                                               Wire wire) {
  std::optional<ProtobufReader::Field> found;
  ProtobufReader reader(message);
  while (const auto field = reader.next()) {
    if (field->number == number && field->wire == wire) found = field;
  }
  return found;
}

std::int32_t number_in(std::string_view message, std::uint32_t number) {
  const auto field = find_last(message, number, Wire::Varint);
  return field ? static_cast<std::int32_t>(field->integer) : 0;
}

std::string_view message_in(std::string_view message, std::uint32_t number) {
  const auto field = find_last(message, number, Wire::Bytes);
  return field ? field->bytes : std::string_view();
}

std::string_view element_name(std::int32_t number) {
  const Element* element = find_element(number);
  return element != nullptr ? element->name : "?";
}

// "seq(map(INT64,FLOAT))"
std::string describe(std::string_view type, unsigned depth) {
  if (depth == kTypeDepthMax) return "...";
  ProtobufReader reader(type);
  const auto field = reader.next();
  if (!field || field->wire != Wire::Bytes) return "nothing";
  const std::string_view inner = field->bytes;
  switch (field->number) {
    case 1: return std::string(element_name(number_in(inner, 1)));
    case 4: return fmt::format("seq({})", describe(message_in(inner, 1), depth + 1));
    case 5:
      return fmt::format("map({},{})", element_name(number_in(inner, 1)),
                         describe(message_in(inner, 2), depth + 1));
    case 7: return "opaque";
    case 8: return fmt::format("sparse({})", element_name(number_in(inner, 1)));
    case 9: return fmt::format("optional({})", describe(message_in(inner, 1), depth + 1));
    default: return "nothing";
  }
}

std::int64_t read_extent(std::string_view dim) {
  const auto value = find_last(dim, 1, Wire::Varint);
  const auto name = find_last(dim, 2, Wire::Bytes);
  if (!value || name || value->integer > INT64_MAX) return engine::kAnyExtent;
  return static_cast<std::int64_t>(value->integer);
}

Result<void> read_shape(std::string_view shape, const OnnxLimits& limits, OnnxEnd& end) {
  ProtobufReader reader(shape);
  while (const auto field = reader.next()) {
    if (field->number != 1 || field->wire != Wire::Bytes) continue;
    if (end.spec.shape.size() == limits.dimensions) {
      return Error(Code::Exhausted,
                   fmt::format("expected at most {} dimensions, got more", limits.dimensions));
    }
    end.spec.shape.push_back(read_extent(field->bytes));
  }
  if (reader.malformed()) return Error(Code::Corrupt, "malformed shape");
  return {};
}

Result<void> read_tensor_type(std::string_view tensor, const OnnxLimits& limits, OnnxEnd& end) {
  const std::int32_t number = number_in(tensor, 1);
  const Element* element = find_element(number);
  if (element == nullptr || !element->datatype) {
    end.refusal =
        fmt::format("expected a tensor of a datatype of the Open Inference Protocol, got {}",
                    element_name(number));
    return {};
  }
  end.spec.type = *element->datatype;
  const auto shape = find_last(tensor, 2, Wire::Bytes);
  if (shape) return read_shape(shape->bytes, limits, end);
  end.spec.any_rank = true;
  return {};
}

}  // namespace

Result<OnnxEnd> read_onnx_end(std::string_view message, const OnnxLimits& limits) {
  OnnxEnd end;
  end.spec.name = message_in(message, 1);
  const std::string_view type = message_in(message, 2);
  const auto tensor = find_last(type, 1, Wire::Bytes);
  if (tensor) {
    TRY(read_tensor_type(tensor->bytes, limits, end));
  } else {
    end.refusal = fmt::format("expected a tensor, got {}", describe(type, 0));
  }
  return end;
}

}  // namespace engine_onnx
