#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "data/datatype.h"

namespace engine_onnx {

// Where a tensor's elements lie that are not in its raw bytes.
enum class ElementField : std::uint8_t { Float, Int32, Text, Int64, Double, Uint64 };

// One of the types that an element of an ONNX tensor has.
struct Element {
  std::string_view name;
  unsigned bits = 0;  // 0: texts.
  ElementField field = ElementField::Int32;
  unsigned numbers = 1;                    // In its field for one element: 2 of complex ones.
  std::optional<data::Datatype> datatype;  // As protocols have it, of as many bits.
};

// By ONNX's number of it, which is also the runtime's where there is a datatype; null: unknown.
const Element* find_element(std::int64_t number);

}  // namespace engine_onnx
