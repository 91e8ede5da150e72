#include "engine_onnx/onnx_element.h"

#include <array>
#include <cstddef>

namespace engine_onnx {
namespace {

using data::Datatype;
using Lies = ElementField;

// In the order of TensorProto.DataType, from 1 on. Protocols have no name for floats of eight bits,
// so their bits are what goes over them.
constexpr std::array<Element, 26> kElements = {{
    {"FLOAT", 32, Lies::Float, 1, Datatype::Fp32},
    {"UINT8", 8, Lies::Int32, 1, Datatype::Uint8},
    {"INT8", 8, Lies::Int32, 1, Datatype::Int8},
    {"UINT16", 16, Lies::Int32, 1, Datatype::Uint16},
    {"INT16", 16, Lies::Int32, 1, Datatype::Int16},
    {"INT32", 32, Lies::Int32, 1, Datatype::Int32},
    {"INT64", 64, Lies::Int64, 1, Datatype::Int64},
    {"STRING", 0, Lies::Text, 1, Datatype::Bytes},
    {"BOOL", 8, Lies::Int32, 1, Datatype::Bool},
    {"FLOAT16", 16, Lies::Int32, 1, Datatype::Fp16},
    {"DOUBLE", 64, Lies::Double, 1, Datatype::Fp64},
    {"UINT32", 32, Lies::Uint64, 1, Datatype::Uint32},
    {"UINT64", 64, Lies::Uint64, 1, Datatype::Uint64},
    {"COMPLEX64", 64, Lies::Float, 2, std::nullopt},
    {"COMPLEX128", 128, Lies::Double, 2, std::nullopt},
    {"BFLOAT16", 16, Lies::Int32, 1, Datatype::Bf16},
    {"FLOAT8E4M3FN", 8, Lies::Int32, 1, Datatype::Uint8},
    {"FLOAT8E4M3FNUZ", 8, Lies::Int32, 1, Datatype::Uint8},
    {"FLOAT8E5M2", 8, Lies::Int32, 1, Datatype::Uint8},
    {"FLOAT8E5M2FNUZ", 8, Lies::Int32, 1, Datatype::Uint8},
    {"UINT4", 4, Lies::Int32, 1, std::nullopt},
    {"INT4", 4, Lies::Int32, 1, std::nullopt},
    {"FLOAT4E2M1", 4, Lies::Int32, 1, std::nullopt},
    {"FLOAT8E8M0", 8, Lies::Int32, 1, std::nullopt},
    {"UINT2", 2, Lies::Int32, 1, std::nullopt},
    {"INT2", 2, Lies::Int32, 1, std::nullopt},
}};

}  // namespace

const Element* find_element(std::int64_t number) {
  if (number < 1 || number > static_cast<std::int64_t>(kElements.size())) return nullptr;
  return &kElements[static_cast<std::size_t>(number - 1)];
}

}  // namespace engine_onnx
