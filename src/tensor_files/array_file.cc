#include "tensor_files/array_file.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "pickle/heap.h"
#include "pickle/npy.h"

namespace tensor_files {
namespace {

using base::Code;
using base::Error;
using base::Result;
using data::Datatype;

constexpr std::size_t kNpyRankMax = 64;  // NumPy's own.
constexpr std::size_t kPointBytes = 4;

struct Row {
  std::string_view code;
  std::uint32_t size;
  char kind;
  Datatype type;
};

constexpr Row kTypes[] = {
    {"|b1", 1, 'b', Datatype::Bool},   {"|u1", 1, 'u', Datatype::Uint8},
    {"<u2", 2, 'u', Datatype::Uint16}, {"<u4", 4, 'u', Datatype::Uint32},
    {"<u8", 8, 'u', Datatype::Uint64}, {"|i1", 1, 'i', Datatype::Int8},
    {"<i2", 2, 'i', Datatype::Int16},  {"<i4", 4, 'i', Datatype::Int32},
    {"<i8", 8, 'i', Datatype::Int64},  {"<f2", 2, 'f', Datatype::Fp16},
    {"<V2", 2, 'V', Datatype::Bf16},   {"<f4", 4, 'f', Datatype::Fp32},
    {"<f8", 8, 'f', Datatype::Fp64},
};

std::optional<Datatype> datatype_of(const pickle::DType& type) {
  if (type.kind == 'U' || type.kind == 'S') return Datatype::Bytes;
  if (!type.fields.empty()) return std::nullopt;
  for (const Row& each : kTypes) {
    if (each.kind == type.kind && each.size == type.size) return each.type;
  }
  return std::nullopt;
}

std::string_view code_of(Datatype type) {
  for (const Row& each : kTypes) {
    if (each.type == type) return each.code;
  }
  return "|V1";
}

// The elements, each of `size` bytes, from Fortran's order to C's.
std::string turned(base::Bytes data, const std::vector<std::int64_t>& shape, std::size_t size) {
  std::string out(data.size(), '\0');
  std::vector<std::size_t> strides(shape.size());
  std::size_t stride = size;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    strides[d] = stride;
    stride *= static_cast<std::size_t>(shape[d]);
  }
  std::vector<std::int64_t> index(shape.size(), 0);
  std::size_t from = 0;
  for (std::size_t to = 0; to < out.size(); to += size) {
    std::memcpy(out.data() + to, data.data() + from, size);
    for (std::size_t d = shape.size(); d-- > 0;) {
      from += strides[d];
      if (++index[d] < shape[d]) break;
      from -= strides[d] * static_cast<std::size_t>(index[d]);
      index[d] = 0;
    }
  }
  return out;
}

void swap_bytes(std::string& bytes, std::size_t size) {
  for (std::size_t at = 0; at + size <= bytes.size(); at += size) {
    std::reverse(bytes.data() + at, bytes.data() + at + size);
  }
}

// One element of 'U': code points, filled up with zeros.
Result<std::string> text_of(std::string_view element) {
  std::string text;
  std::vector<std::uint32_t> points(element.size() / kPointBytes);
  if (!points.empty()) std::memcpy(points.data(), element.data(), points.size() * kPointBytes);
  while (!points.empty() && points.back() == 0) points.pop_back();
  for (const std::uint32_t point : points) {
    if (point > 0x10FFFF) {
      return Error(Code::Corrupt, fmt::format("expected characters of Unicode, got {:#x}", point));
    }
    base::append_utf8(text, static_cast<char32_t>(point));
  }
  return text;
}

Result<std::vector<std::string>> texts_of(const std::string& bytes, const pickle::DType& type,
                                          std::size_t count) {
  std::vector<std::string> texts;
  texts.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto element = std::string_view(bytes).substr(i * type.size, type.size);
    if (type.kind == 'U') {
      TRY_ASSIGN(std::string text, text_of(element));
      texts.push_back(std::move(text));
    } else {
      texts.emplace_back(element.substr(0, element.find_last_not_of('\0') + 1));
    }
  }
  return texts;
}

std::string header_of(std::string_view code, const std::vector<std::int64_t>& shape) {
  std::string extents;
  for (const std::int64_t each : shape) extents += fmt::format("{}, ", each);
  if (shape.size() > 1) extents.resize(extents.size() - 2);
  std::string header =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", code,
                  shape.size() == 1 ? fmt::format("{},", shape[0]) : extents);
  // The elements start at a multiple of 64 bytes.
  constexpr std::size_t kBefore = 10;
  header.append(63 - (kBefore + header.size()) % 64, ' ');
  header += '\n';
  std::string bytes("\x93NUMPY\x01\x00", 8);
  const auto size = static_cast<std::uint16_t>(header.size());
  bytes.append(reinterpret_cast<const char*>(&size), sizeof(size));
  return bytes + header;
}

bool is_text(const std::string& text) {
  return !base::find_invalid_utf8(text) && !text.ends_with('\0');
}

std::vector<std::uint32_t> points_of(const std::string& text) {
  std::vector<std::uint32_t> points;
  for (std::size_t at = 0; at < text.size();) points.push_back(base::next_point(text, at));
  return points;
}

std::string texts_bytes(const engine::Tensor& tensor) {
  std::size_t longest = 1;
  if (!std::ranges::all_of(tensor.texts, is_text)) {
    for (const std::string& each : tensor.texts) longest = std::max(longest, each.size());
    std::string bytes = header_of(fmt::format("|S{}", longest), tensor.shape);
    for (const std::string& each : tensor.texts) {
      bytes.append(each).append(longest - each.size(), '\0');
    }
    return bytes;
  }
  for (const std::string& each : tensor.texts) {
    longest = std::max(longest, points_of(each).size());
  }
  std::string bytes = header_of(fmt::format("<U{}", longest), tensor.shape);
  for (const std::string& each : tensor.texts) {
    auto points = points_of(each);
    points.resize(longest);
    bytes.append(reinterpret_cast<const char*>(points.data()), points.size() * kPointBytes);
  }
  return bytes;
}

}  // namespace

Result<engine::Tensor> parse_array(base::Bytes bytes) {
  if (!pickle::is_npy(bytes)) {
    return Error(Code::Invalid, "expected an array of NumPy (.npy), got something else");
  }
  const pickle::Limits limits;
  pickle::Heap heap(limits, bytes.size());
  TRY_ASSIGN(const pickle::Npy npy, pickle::open_npy(heap, bytes));
  if (npy.dtype.objects) {
    return Error(Code::Unsupported,
                 "expected numbers or texts, got Python objects; make texts an array of dtype str");
  }
  const pickle::DType& type = npy.dtype.type;
  const auto datatype = datatype_of(type);
  if (!datatype || npy.dtype.count != 1) {
    return Error(Code::Unsupported,
                 fmt::format("expected numbers or texts, got elements of kind {} and {} bytes",
                             base::quote(std::string_view(&type.kind, 1)), type.size));
  }
  engine::Tensor tensor{.type = *datatype, .shape = {}, .bytes = {}, .texts = {}};
  if (npy.shape.size() > kNpyRankMax) {
    return Error(Code::Corrupt,
                 fmt::format("expected at most {} extents, got {}", kNpyRankMax, npy.shape.size()));
  }
  for (const std::uint64_t each : npy.shape) {
    tensor.shape.push_back(static_cast<std::int64_t>(std::min<std::uint64_t>(each, INT64_MAX)));
  }
  TRY_ASSIGN(const std::size_t count, engine::count_elements(tensor.type, tensor.shape));
  const std::size_t size = type.size;
  const std::size_t given = npy.data.size();
  const bool whole =
      count == 0 ? given == 0 : size > 0 && given % size == 0 && given / size == count;
  if (!whole) {
    return Error(Code::Corrupt, fmt::format("expected {} elements of {} bytes, got {} bytes", count,
                                            type.size, npy.data.size()));
  }
  tensor.bytes =
      npy.fortran ? turned(npy.data, tensor.shape, size) : std::string(base::as_text(npy.data));
  const bool texts = tensor.type == Datatype::Bytes;
  if (type.order == '>') swap_bytes(tensor.bytes, texts ? kPointBytes : size);
  if (!texts) return tensor;
  TRY_ASSIGN(tensor.texts, texts_of(tensor.bytes, type, count));
  tensor.bytes.clear();
  return tensor;
}

std::string array_bytes(const engine::Tensor& tensor) {
  if (tensor.type == Datatype::Bytes) return texts_bytes(tensor);
  return header_of(code_of(tensor.type), tensor.shape) + tensor.bytes;
}

}  // namespace tensor_files
