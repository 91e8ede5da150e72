#include "pickle/numbers.h"

#include <bit>
#include <cstring>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"
#include "pickle/scalar.h"

namespace pickle {
namespace {

using base::Code;
using base::Error;
using base::Result;

Error wrong_kind(std::string_view expected, const DType& dtype) {
  return {Code::Corrupt,
          fmt::format("array: expected {}, got {}{}", expected, dtype.kind, dtype.size)};
}

// Whether the elements lie in memory as their order has them.
bool in_order(const Array& array) { return !array.fortran || array.shape.size() < 2; }

// Calls visit(index in memory) for each element in row-major order.
template <typename Visit>
Result<void> in_rows(const Array& array, const Visit& visit) {
  const std::uint64_t count = array.elements();
  if (in_order(array)) {
    for (std::uint64_t i = 0; i < count; ++i) TRY(visit(i));
    return {};
  }
  const std::size_t rank = array.shape.size();
  std::vector<std::uint64_t> strides(rank, 1);
  for (std::size_t i = 1; i < rank; ++i) strides[i] = strides[i - 1] * array.shape[i - 1];
  std::vector<std::uint64_t> index(rank, 0);
  std::uint64_t at = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    TRY(visit(at));
    for (std::size_t axis = rank; axis-- > 0;) {
      at += strides[axis];
      if (++index[axis] < array.shape[axis]) break;
      at -= strides[axis] * array.shape[axis];
      index[axis] = 0;
    }
  }
  return {};
}

// What lies behind one element: `count` numbers of `type`, `offset` bytes into it.
struct Part {
  DType type;
  std::uint32_t offset = 0;
  std::uint32_t count = 1;
};

std::optional<double> read_one(const DType& type, const std::byte* at, const double* /*as*/) {
  return element_double(type, at);
}

std::optional<std::int64_t> read_one(const DType& type, const std::byte* at,
                                     const std::int64_t* /*as*/) {
  if (type.kind != 'M' && type.kind != 'm') return element_int64(type, at);
  DType plain = type;
  plain.kind = 'i';
  return element_int64(plain, at);
}

std::optional<double> object_as(Value value, const double* /*as*/) {
  if (value.is_none()) return std::numeric_limits<double>::quiet_NaN();
  return value.as_float();
}

std::optional<std::int64_t> object_as(Value value, const std::int64_t* /*as*/) {
  if (const auto truth = value.as_bool()) return *truth ? 1 : 0;
  return value.as_int();
}

template <typename Number>
Result<std::vector<Number>> objects_as(const Array& array, std::string_view expected) {
  std::vector<Number> out;
  out.reserve(array.objects.size());
  for (const Value value : array.objects) {
    const auto number = object_as(value, static_cast<const Number*>(nullptr));
    if (!number) {
      return Error(Code::Corrupt, fmt::format("array of objects: expected {}, got {}", expected,
                                              kind_name(value.kind())));
    }
    out.push_back(*number);
  }
  return out;
}

// One loop for a type that is read as it lies, without asking of each element what it is.
template <typename Number, typename Stored>
std::vector<Number> copy_as(const Array& array, const Part& part) {
  const std::uint64_t elements = array.elements();
  std::vector<Number> out(elements * part.count);
  Number* to = out.data();
  for (std::uint64_t i = 0; i < elements; ++i) {
    const std::byte* at = array.data.data() + i * array.dtype.size + part.offset;
    for (std::uint32_t k = 0; k < part.count; ++k, at += sizeof(Stored)) {
      Stored stored;
      std::memcpy(&stored, at, sizeof stored);
      *to++ = static_cast<Number>(stored);
    }
  }
  return out;
}

template <typename Number>
using Copy = std::vector<Number> (*)(const Array&, const Part&);

// Nothing for what element_double and element_int64 have more to ask of.
template <typename Number>
Copy<Number> choose_copy(const DType& type) {
  if (type.order == '>' && type.size > 1) return nullptr;
  if (type.kind == 'f' && std::is_floating_point_v<Number>) {
    if (type.size == 4) return copy_as<Number, float>;
    if (type.size == 8) return copy_as<Number, double>;
  }
  if (type.kind == 'i') {
    switch (type.size) {
      case 1: return copy_as<Number, std::int8_t>;
      case 2: return copy_as<Number, std::int16_t>;
      case 4: return copy_as<Number, std::int32_t>;
      case 8: return copy_as<Number, std::int64_t>;
      default: return nullptr;
    }
  }
  if (type.kind == 'u') {
    switch (type.size) {
      case 1: return copy_as<Number, std::uint8_t>;
      case 2: return copy_as<Number, std::uint16_t>;
      case 4: return copy_as<Number, std::uint32_t>;
      default: return nullptr;
    }
  }
  return nullptr;
}

template <typename Number>
bool is_native(const DType& type) {
  const char kind = std::is_floating_point_v<Number> ? 'f' : 'i';
  return type.kind == kind && type.size == sizeof(Number) && type.order != '>';
}

template <typename Number>
Result<std::vector<Number>> read_part(const Array& array, const Part& part,
                                      std::string_view expected) {
  const bool whole = part.offset == 0 && part.count == 1 && part.type.size == array.dtype.size;
  if (whole && is_native<Number>(part.type) && !array.fortran) {
    std::vector<Number> out(array.data.size() / sizeof(Number));
    if (!out.empty()) std::memcpy(out.data(), array.data.data(), array.data.size());
    return out;
  }
  if (in_order(array)) {
    if (const auto copy = choose_copy<Number>(part.type)) return copy(array, part);
  }
  std::vector<Number> out;
  out.reserve(array.elements() * part.count);
  TRY(in_rows(array, [&](std::uint64_t index) -> Result<void> {
    const std::byte* at = array.data.data() + index * array.dtype.size + part.offset;
    for (std::uint32_t i = 0; i < part.count; ++i, at += part.type.size) {
      const auto number = read_one(part.type, at, static_cast<const Number*>(nullptr));
      if (!number) return wrong_kind(expected, part.type);
      out.push_back(*number);
    }
    return {};
  }));
  return out;
}

template <typename Number>
Result<std::vector<Number>> read_array(const Array& array, std::string_view expected) {
  if (array.dtype.kind == 'O') return objects_as<Number>(array, expected);
  return read_part<Number>(array, {.type = array.dtype}, expected);
}

template <typename Number>
Result<std::vector<Number>> read_field(const Array& array, std::string_view name,
                                       std::string_view expected) {
  const DType::Field* field = find_field(array.dtype, name);
  if (field == nullptr) {
    return Error(Code::NotFound, fmt::format("structured array: no field {}", base::quote(name)));
  }
  const Part part{.type = field->type, .offset = field->offset, .count = field->count};
  auto read = read_part<Number>(array, part, expected);
  if (!read.ok()) return std::move(read).error().within(fmt::format("field {}", base::quote(name)));
  return read;
}

template <typename Number>
Viewed<Number> view_part(const Array& array, std::uint32_t offset) {
  if (array.elements() == 0) return {};
  return {.numbers = {array.data.data() + offset, array.dtype.size,
                      static_cast<std::size_t>(array.elements())},
          .copied = nullptr};
}

template <typename Number>
Result<Viewed<Number>> view_field(const Array& array, std::string_view name,
                                  std::string_view expected) {
  const DType::Field* field = find_field(array.dtype, name);
  if (field != nullptr && field->count == 1 && is_native<Number>(field->type) && in_order(array)) {
    return view_part<Number>(array, field->offset);
  }
  TRY_ASSIGN(auto copied, read_field<Number>(array, name, expected));
  return Viewed<Number>::of(std::move(copied));
}

constexpr std::string_view kReal = "real numbers";
constexpr std::string_view kWhole = "integers";

}  // namespace

std::optional<base::Bytes> find_doubles(const Array& array) {
  if (!is_native<double>(array.dtype)) return std::nullopt;
  return array.data;
}

Result<std::vector<double>> to_doubles(const Array& array) {
  return read_array<double>(array, kReal);
}

Result<std::vector<std::int64_t>> to_int64s(const Array& array) {
  return read_array<std::int64_t>(array, kWhole);
}

Result<std::vector<std::string>> to_strings(const Array& array) {
  std::vector<std::string> out;
  if (array.dtype.kind == 'O') {
    for (const Value value : array.objects) {
      const auto text = value.as_string();
      if (!text) {
        return Error(Code::Corrupt, fmt::format("array of objects: expected strings, got {}",
                                                kind_name(value.kind())));
      }
      out.emplace_back(*text);
    }
    return out;
  }
  if (array.dtype.kind != 'U' && array.dtype.kind != 'S') return wrong_kind("text", array.dtype);
  TRY(in_rows(array, [&](std::uint64_t index) -> Result<void> {
    const base::Bytes element = array.data.subspan(index * array.dtype.size, array.dtype.size);
    std::string text;
    if (array.dtype.kind == 'S') {
      text = base::as_text(trimmed_bytes(element));
      if (base::find_invalid_utf8(text)) return wrong_kind("UTF-8 text", array.dtype);
    } else if (!append_element_text(array.dtype, element.data(), text)) {
      return wrong_kind("Unicode text", array.dtype);
    }
    out.push_back(std::move(text));
    return {};
  }));
  return out;
}

const DType::Field* find_field(const DType& dtype, std::string_view name) {
  for (const DType::Field& field : dtype.fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

Result<std::vector<double>> field_doubles(const Array& array, std::string_view name) {
  return read_field<double>(array, name, kReal);
}

Result<std::vector<std::int64_t>> field_int64s(const Array& array, std::string_view name) {
  return read_field<std::int64_t>(array, name, kWhole);
}

Result<Viewed<double>> view_doubles(const Array& array) {
  if (is_native<double>(array.dtype) && in_order(array)) return view_part<double>(array, 0);
  TRY_ASSIGN(auto copied, to_doubles(array));
  return Viewed<double>::of(std::move(copied));
}

Result<Viewed<double>> view_doubles(const Array& array, std::string_view field) {
  return view_field<double>(array, field, kReal);
}

Result<Viewed<std::int64_t>> view_int64s(const Array& array, std::string_view field) {
  return view_field<std::int64_t>(array, field, kWhole);
}

Result<Viewed<std::uint8_t>> view_flags(const Array& array, std::string_view field) {
  const DType::Field* found = find_field(array.dtype, field);
  const bool is_number =
      found != nullptr && std::string_view("biu").find(found->type.kind) != std::string_view::npos;
  if (is_number && found->count == 1 && found->type.size == 1 && in_order(array)) {
    return view_part<std::uint8_t>(array, found->offset);
  }
  TRY_ASSIGN(const auto numbers, field_int64s(array, field));
  std::vector<std::uint8_t> flags;
  for (const std::int64_t each : numbers) flags.push_back(each != 0 ? 1 : 0);
  return Viewed<std::uint8_t>::of(std::move(flags));
}

}  // namespace pickle
