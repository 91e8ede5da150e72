#include "pickle/npy.h"

#include <fmt/format.h>

#include "base/text.h"
#include "pickle/literal.h"
#include "pickle/numpy.h"

namespace pickle {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kHeaderMax = std::size_t{1} << 20U;
constexpr unsigned kDescrDepthMax = 8;

Result<DTypeNode> read_descr(Heap& heap, Value descr, unsigned depth);

// ('name', descr[, shape]) at `offset`, which moves behind it.
Result<DType::Field> read_descr_field(Heap& heap, Value item, unsigned depth, std::uint64_t& offset,
                                      bool& objects) {
  const auto parts = item.items();
  const auto name = parts.empty() ? std::nullopt : parts[0].as_string();
  if (!item.is(Kind::Tuple) || !name || parts.size() < 2 || parts.size() > 3) {
    return Error(Code::Corrupt, "descr: expected fields as (name, type[, shape])");
  }
  TRY_ASSIGN(const DTypeNode type, read_descr(heap, parts[1], depth));
  std::uint64_t count = 1;
  if (parts.size() == 3) {
    TRY_ASSIGN(const auto shape, read_shape(heap, parts[2]));
    TRY_ASSIGN(const Extent extent, extent_of(heap.limits(), shape, type.type));
    count = extent.elements;
  }
  const std::uint64_t at = offset;
  offset += count * type.type.size;
  if (offset > INT32_MAX || count > INT32_MAX) {
    return Error(Code::Corrupt, "descr: expected elements of less than 2 GiB");
  }
  objects = objects || type.objects;
  return DType::Field{.name = *name,
                      .type = type.type,
                      .offset = static_cast<std::uint32_t>(at),
                      .count = static_cast<std::uint32_t>(count)};
}

Result<DTypeNode> read_descr(Heap& heap, Value descr, unsigned depth) {
  if (const auto text = descr.as_string()) return parse_type(*text);
  if (!descr.is(Kind::List) || depth > kDescrDepthMax) {
    return Error(Code::Corrupt, "descr: expected a type or a list of fields");
  }
  TRY_ASSIGN(DType::Field * fields, heap.room<DType::Field>(descr.items().size()));
  std::size_t count = 0;
  std::uint64_t offset = 0;
  DTypeNode whole;
  for (const Value item : descr.items()) {
    TRY_ASSIGN(const auto field, read_descr_field(heap, item, depth + 1, offset, whole.objects));
    // A field without a name is padding.
    if (!field.name.empty()) std::construct_at(fields + count++, field);
  }
  whole.type.kind = 'V';
  whole.type.order = '|';
  whole.type.size = static_cast<std::uint32_t>(offset);
  whole.type.fields = {fields, count};
  return whole;
}

Result<base::Bytes> take_header(base::ByteReader& reader) {
  const auto version = reader.take(2);
  if (!version) return Error(Code::Corrupt, "expected a format version");
  const auto major = static_cast<unsigned>((*version)[0]);
  if (major < 1 || major > 3) {
    return Error(Code::Unsupported, fmt::format("expected format version 1 to 3, got {}", major));
  }
  std::size_t size = kHeaderMax + 1;
  if (major == 1) {
    size = reader.little<std::uint16_t>().value_or(0);
  } else if (const auto wide = reader.little<std::uint32_t>()) {
    size = *wide;
  }
  const auto header = size > kHeaderMax ? std::nullopt : reader.take(size);
  if (!header) return Error(Code::Corrupt, "expected a whole header");
  return *header;
}

}  // namespace

bool is_npy(base::Bytes bytes) { return base::as_text(bytes).starts_with(kMagic); }

Result<Npy> open_npy(Heap& heap, base::Bytes bytes) {
  base::ByteReader reader(bytes);
  reader.seek(kMagic.size());
  TRY_ASSIGN(const base::Bytes text, take_header(reader));
  auto header = parse_literal(heap, base::as_text(text));
  if (!header.ok()) return std::move(header).error().within("npy header");
  const auto descr = header->find("descr");
  const auto order = header->find("fortran_order");
  const auto extents = header->find("shape");
  if (!descr || !order || !order->as_bool() || !extents || header->entries().size() != 3) {
    return Error(Code::Corrupt, "npy header: expected descr, fortran_order and shape");
  }
  Npy npy;
  TRY_ASSIGN(npy.dtype, read_descr(heap, *descr, 0));
  TRY_ASSIGN(npy.shape, read_shape(heap, *extents));
  npy.fortran = *order->as_bool();
  npy.data = bytes.subspan(reader.offset());
  return npy;
}

Result<Node*> read_npy(Heap& heap, base::Bytes bytes) {
  TRY_ASSIGN(const Npy npy, open_npy(heap, bytes));
  if (npy.dtype.objects) {
    return Error(Code::Unsupported, "npy: expected an array of numbers or text, got objects");
  }
  TRY_ASSIGN(const Array array,
             array_of_bytes(heap.limits(), npy.dtype, npy.shape, npy.fortran, npy.data));
  return &heap.array(array, 0);
}

}  // namespace pickle
