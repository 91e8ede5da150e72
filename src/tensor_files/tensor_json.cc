#include "tensor_files/tensor_json.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace tensor_files {
namespace {

using base::Code;
using base::Error;
using base::Result;
using data::Datatype;
using engine::NamedTensor;
using nlohmann::json;

constexpr std::size_t kTensorsMax = 1024;
constexpr std::size_t kRankMax = 64;
constexpr double kHalfMax = 65520;  // From here on binary16 is infinite.

template <typename T>
void append_bytes(T value, std::string& out) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

// binary16 of what is a number, rounded to the nearest and of two the even; a carry goes on into
// the exponent.
std::uint16_t half_of(double value) {
  const unsigned sign = std::signbit(value) ? 0x8000U : 0U;
  const double size = std::abs(value);
  if (size == 0) return static_cast<std::uint16_t>(sign);
  if (size >= kHalfMax) return static_cast<std::uint16_t>(sign | 0x7c00U);
  int exponent = 0;
  static_cast<void>(std::frexp(size, &exponent));
  const int scale = std::max(exponent - 11, -24);
  const auto units = static_cast<unsigned>(std::nearbyint(std::ldexp(size, -scale)));
  // Units of a normal number have the leading bit, which adds one to the exponent's field.
  const unsigned field = scale == -24 ? 0 : static_cast<unsigned>(scale + 24);
  return static_cast<std::uint16_t>(sign | ((field << 10U) + units));
}

std::uint16_t brain_of(double value) {
  const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
  return static_cast<std::uint16_t>((bits + 0x7fffU + (bits >> 16U & 1U)) >> 16U);
}

template <std::integral T>
bool append_integer(const json& value, std::string& out) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    if (!std::in_range<T>(number)) return false;
    append_bytes(static_cast<T>(number), out);
    return true;
  }
  if (!value.is_number_integer()) return false;
  const auto number = value.get<std::int64_t>();
  if (!std::in_range<T>(number)) return false;
  append_bytes(static_cast<T>(number), out);
  return true;
}

bool append_float(const json& value, Datatype type, std::string& out) {
  if (!value.is_number()) return false;
  const auto number = value.get<double>();
  switch (type) {
    case Datatype::Fp16: append_bytes(half_of(number), out); return std::abs(number) < kHalfMax;
    case Datatype::Bf16: append_bytes(brain_of(number), out); break;
    case Datatype::Fp32: append_bytes(static_cast<float>(number), out); break;
    default: append_bytes(number, out);
  }
  return type == Datatype::Fp64 ||
         std::abs(number) <= static_cast<double>(std::numeric_limits<float>::max());
}

bool append_element(const json& value, engine::Tensor& tensor) {
  std::string& out = tensor.bytes;
  switch (tensor.type) {
    case Datatype::Bool:
      if (!value.is_boolean()) return false;
      out += value.get<bool>() ? '\1' : '\0';
      return true;
    case Datatype::Uint8: return append_integer<std::uint8_t>(value, out);
    case Datatype::Uint16: return append_integer<std::uint16_t>(value, out);
    case Datatype::Uint32: return append_integer<std::uint32_t>(value, out);
    case Datatype::Uint64: return append_integer<std::uint64_t>(value, out);
    case Datatype::Int8: return append_integer<std::int8_t>(value, out);
    case Datatype::Int16: return append_integer<std::int16_t>(value, out);
    case Datatype::Int32: return append_integer<std::int32_t>(value, out);
    case Datatype::Int64: return append_integer<std::int64_t>(value, out);
    case Datatype::Bytes:
      if (!value.is_string()) return false;
      tensor.texts.push_back(value.get<std::string>());
      return true;
    default: return append_float(value, tensor.type, out);
  }
}

// The elements in order, flat or in lists within lists. Where the walk stands is a stack of its
// own, since the depth is the sender's.
bool append_elements(const json& data, engine::Tensor& tensor) {
  struct Place {
    const json* list;
    std::size_t next;
  };
  std::vector<Place> places = {{&data, 0}};
  while (!places.empty()) {
    Place& place = places.back();
    if (place.next == place.list->size()) {
      places.pop_back();
      continue;
    }
    const json& value = (*place.list)[place.next++];
    if (value.is_array()) {
      if (places.size() > kRankMax) return false;
      places.push_back({&value, 0});
    } else if (!append_element(value, tensor)) {
      return false;
    }
  }
  return true;
}

Result<std::vector<std::int64_t>> shape_of(const json& object, const std::string& name) {
  std::vector<std::int64_t> shape;
  const auto at = object.find("shape");
  bool good = at != object.end() && at->is_array() && at->size() <= kRankMax;
  for (std::size_t i = 0; good && i < at->size(); ++i) {
    good =
        (*at)[i].is_number_unsigned() && std::in_range<std::int64_t>((*at)[i].get<std::uint64_t>());
    if (good) shape.push_back((*at)[i].get<std::int64_t>());
  }
  if (good) return shape;
  return Error(Code::Invalid, fmt::format("tensor {}: expected a \"shape\" as a list of extents",
                                          base::quote(name)));
}

Result<NamedTensor> tensor_of(const json& object) {
  if (!object.is_object() || !object.contains("name") || !object["name"].is_string()) {
    return Error(Code::Invalid, "expected tensors as objects with a \"name\"");
  }
  NamedTensor named{.name = object["name"].get<std::string>(), .tensor = {}};
  const auto type = object.find("datatype");
  const auto datatype = type != object.end() && type->is_string()
                            ? data::parse_datatype(type->get_ref<const std::string&>())
                            : std::nullopt;
  if (!datatype) {
    return Error(Code::Invalid, fmt::format("tensor {}: expected a \"datatype\" such as FP32",
                                            base::quote(named.name)));
  }
  named.tensor.type = *datatype;
  TRY_ASSIGN(named.tensor.shape, shape_of(object, named.name));
  TRY_ASSIGN(const std::size_t count,
             engine::count_elements(named.tensor.type, named.tensor.shape));
  const std::string form = engine::tensor_form(named.tensor.type, named.tensor.shape);
  const auto data = object.find("data");
  if (data == object.end() || !data->is_array()) {
    return Error(Code::Invalid, fmt::format("tensor {}: expected {} as a list \"data\"",
                                            base::quote(named.name), form));
  }
  if (!append_elements(*data, named.tensor)) {
    return Error(Code::Invalid,
                 fmt::format("tensor {}: expected elements of {}, got others",
                             base::quote(named.name), data::datatype_name(named.tensor.type)));
  }
  const std::size_t got = named.tensor.type == Datatype::Bytes
                              ? named.tensor.texts.size()
                              : named.tensor.bytes.size() / data::datatype_bytes(*datatype);
  if (got == count) return named;
  return Error(Code::Invalid, fmt::format("tensor {}: expected {}, got {} elements",
                                          base::quote(named.name), form, got));
}

void append_number(Datatype type, const char* at, std::string& out) {
  if (type == Datatype::Bool) {
    out += *at != 0 ? "true" : "false";
  } else if (type == Datatype::Uint64) {
    std::uint64_t value = 0;
    std::memcpy(&value, at, sizeof(value));
    out += std::to_string(value);
  } else if (type == Datatype::Int64) {
    std::int64_t value = 0;
    std::memcpy(&value, at, sizeof(value));
    out += std::to_string(value);
  } else {
    const double value = data::read_number(type, at);
    if (!std::isfinite(value)) {
      out += "null";
    } else if (type == Datatype::Fp64) {
      out += fmt::format("{}", value);
    } else if (type == Datatype::Fp32 || type == Datatype::Fp16 || type == Datatype::Bf16) {
      out += fmt::format("{}", static_cast<float>(value));
    } else {
      out += fmt::format("{:.0f}", value);
    }
  }
}

void append_data(const engine::Tensor& tensor, std::string& out) {
  out += '[';
  if (tensor.type == Datatype::Bytes) {
    for (std::size_t i = 0; i < tensor.texts.size(); ++i) {
      if (i > 0) out += ',';
      out += json(tensor.texts[i]).dump(-1, ' ', false, json::error_handler_t::replace);
    }
  } else {
    const std::size_t size = data::datatype_bytes(tensor.type);
    for (std::size_t at = 0; at + size <= tensor.bytes.size(); at += size) {
      if (at > 0) out += ',';
      append_number(tensor.type, tensor.bytes.data() + at, out);
    }
  }
  out += ']';
}

}  // namespace

Result<std::vector<NamedTensor>> parse_tensor_json(std::string_view text) {
  const json object = json::parse(text, nullptr, false);
  const json* list = nullptr;
  for (const char* key : {"inputs", "outputs"}) {
    if (list == nullptr && object.is_object() && object.contains(key) && object[key].is_array()) {
      list = &object[key];
    }
  }
  if (list == nullptr || list->size() > kTensorsMax) {
    return Error(
        Code::Invalid,
        "expected JSON {\"inputs\": [{\"name\", \"datatype\", \"shape\", \"data\"}, ...]}");
  }
  std::vector<NamedTensor> tensors;
  for (const json& each : *list) {
    TRY_ASSIGN(NamedTensor named, tensor_of(each));
    tensors.push_back(std::move(named));
  }
  return tensors;
}

std::string tensor_json(std::string_view model, const std::vector<NamedTensor>& outputs) {
  const auto quoted = [](std::string_view text) {
    return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
  };
  std::string out = fmt::format(R"({{"model_name":{},"outputs":[)", quoted(model));
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const engine::Tensor& tensor = outputs[i].tensor;
    out += fmt::format(R"({}{{"name":{},"datatype":"{}","shape":[{}],"data":)", i > 0 ? "," : "",
                       quoted(outputs[i].name), data::datatype_name(tensor.type),
                       fmt::join(tensor.shape, ","));
    append_data(tensor, out);
    out += '}';
  }
  return out + "]}\n";
}

}  // namespace tensor_files
