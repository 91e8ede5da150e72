#include "pickle/sparse.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "base/text.h"
#include "pickle/numbers.h"

namespace pickle {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::uint64_t kRowsMax = std::uint64_t{1} << 26U;

constexpr std::string_view kPackage = "scipy.sparse.";

constexpr std::int64_t kExtentMax = std::int64_t{1} << 48U;

enum class Format : unsigned char { Csr, Csc, Dia, Other };

// "scipy.sparse._csr.csr_matrix", "scipy.sparse.csr.csr_matrix", "..._csr.csr_array".
std::optional<Format> format_of(Value value) {
  const Record* record = value.record();
  if (record == nullptr) return std::nullopt;
  std::string_view module = record->module();
  std::string_view name = record->name();
  if (!module.starts_with(kPackage)) return std::nullopt;
  module.remove_prefix(kPackage.size());
  if (module.starts_with('_')) module.remove_prefix(1);
  for (const std::string_view suffix : {"_matrix", "_array"}) {
    if (name.ends_with(suffix)) name.remove_suffix(suffix.size());
  }
  if (module != name) return std::nullopt;
  if (name == "csr") return Format::Csr;
  if (name == "csc") return Format::Csc;
  if (name == "dia") return Format::Dia;
  return Format::Other;
}

Error wrong(std::string_view what) {
  return {Code::Corrupt, fmt::format("sparse matrix: {}", what)};
}

Result<const Array*> array_attribute(Value matrix, std::string_view name) {
  const auto found = matrix.find(name);
  const Array* array = found ? found->array() : nullptr;
  if (array == nullptr) return wrong(fmt::format("expected an array {}", base::quote(name)));
  return array;
}

Result<std::vector<std::int64_t>> integers(Value matrix, std::string_view name) {
  TRY_ASSIGN(const Array* array, array_attribute(matrix, name));
  if (array->shape.size() != 1) return wrong(fmt::format("expected {} of one dimension", name));
  return to_int64s(*array);
}

struct Shape {
  std::uint64_t rows = 0;
  std::uint64_t columns = 0;
};

Result<Shape> read_shape(Value matrix) {
  auto found = matrix.find("_shape");
  if (!found) found = matrix.find("shape");
  const auto extents = found ? found->items() : std::span<const Value>();
  const auto rows = extents.size() == 2 ? extents[0].as_int() : std::nullopt;
  const auto columns = extents.size() == 2 ? extents[1].as_int() : std::nullopt;
  if (!rows || !columns || *rows < 0 || *columns < 0 || *rows > kExtentMax ||
      *columns > kExtentMax) {
    return wrong("expected a shape of two extents");
  }
  return Shape{.rows = static_cast<std::uint64_t>(*rows),
               .columns = static_cast<std::uint64_t>(*columns)};
}

// The three arrays as they are, `rows` being the compressed axis.
Result<Sparse> read_compressed(Value matrix, std::uint64_t rows, std::uint64_t columns) {
  Sparse out;
  out.rows = rows;
  out.columns = columns;
  TRY_ASSIGN(out.indptr, integers(matrix, "indptr"));
  TRY_ASSIGN(out.indices, integers(matrix, "indices"));
  TRY_ASSIGN(const Array* data, array_attribute(matrix, "data"));
  TRY_ASSIGN(out.data, to_doubles(*data));
  if (out.indptr.size() != rows + 1) {
    return wrong(fmt::format("expected {} values in indptr, got {}", rows + 1, out.indptr.size()));
  }
  if (out.indptr.front() != 0 || !std::is_sorted(out.indptr.begin(), out.indptr.end())) {
    return wrong("expected indptr to rise from 0");
  }
  // SciPy may keep room for more elements than there are.
  const auto count = static_cast<std::uint64_t>(out.indptr.back());
  if (count > out.indices.size() || count > out.data.size()) {
    return wrong(fmt::format("expected {} elements, got {} indices and {} values", count,
                             out.indices.size(), out.data.size()));
  }
  out.indices.resize(count);
  out.data.resize(count);
  for (const std::int64_t index : out.indices) {
    if (index < 0 || static_cast<std::uint64_t>(index) >= columns) {
      return wrong(fmt::format("expected indices below {}, got {}", columns, index));
    }
  }
  return out;
}

struct Element {
  std::uint64_t row = 0;
  std::int64_t column = 0;
  double value = 0;
};

// Rows from elements in any order; within a row they keep the order they come in.
Result<Sparse> gather_rows(const Shape& shape, const std::vector<Element>& elements) {
  if (shape.rows > kRowsMax) {
    return Error(Code::Exhausted, fmt::format("sparse matrix: expected at most {} rows, got {}",
                                              kRowsMax, shape.rows));
  }
  Sparse out;
  out.rows = shape.rows;
  out.columns = shape.columns;
  out.indptr.assign(shape.rows + 1, 0);
  for (const Element& element : elements) ++out.indptr[element.row + 1];
  for (std::size_t i = 1; i < out.indptr.size(); ++i) out.indptr[i] += out.indptr[i - 1];
  out.indices.resize(elements.size());
  out.data.resize(elements.size());
  std::vector<std::int64_t> next(out.indptr.begin(), out.indptr.end() - 1);
  for (const Element& element : elements) {
    const auto at = static_cast<std::size_t>(next[element.row]++);
    out.indices[at] = element.column;
    out.data[at] = element.value;
  }
  return out;
}

Result<Sparse> transpose(const Shape& shape, const Sparse& columns) {
  std::vector<Element> elements;
  elements.reserve(columns.data.size());
  for (std::uint64_t column = 0; column < columns.rows; ++column) {
    const auto end = static_cast<std::size_t>(columns.indptr[column + 1]);
    for (auto i = static_cast<std::size_t>(columns.indptr[column]); i < end; ++i) {
      elements.push_back({.row = static_cast<std::uint64_t>(columns.indices[i]),
                          .column = static_cast<std::int64_t>(column),
                          .value = columns.data[i]});
    }
  }
  return gather_rows(shape, elements);
}

// Diagonal k of dia holds data[k][c] in column c and row c - offsets[k].
Result<Sparse> read_diagonals(Value matrix, const Shape& shape) {
  TRY_ASSIGN(const auto offsets, integers(matrix, "offsets"));
  TRY_ASSIGN(const Array* data, array_attribute(matrix, "data"));
  if (data->shape.size() != 2 || data->shape[0] != offsets.size()) {
    return wrong("expected a row of data for each diagonal");
  }
  TRY_ASSIGN(const auto values, to_doubles(*data));
  const std::uint64_t length = data->shape[1];
  std::vector<Element> elements;
  for (std::size_t k = 0; k < offsets.size(); ++k) {
    for (std::uint64_t c = 0; c < std::min(length, shape.columns); ++c) {
      std::int64_t row = 0;
      const double value = values[k * length + c];
      if (__builtin_sub_overflow(static_cast<std::int64_t>(c), offsets[k], &row) || row < 0 ||
          static_cast<std::uint64_t>(row) >= shape.rows || value == 0) {
        continue;
      }
      elements.push_back({.row = static_cast<std::uint64_t>(row),
                          .column = static_cast<std::int64_t>(c),
                          .value = value});
    }
  }
  return gather_rows(shape, elements);
}

}  // namespace

bool is_sparse(Value value) {
  const auto format = format_of(value);
  return format && *format != Format::Other;
}

Result<Sparse> as_csr(Value value) {
  const auto format = format_of(value);
  if (!format) {
    return wrong(fmt::format("expected an instance of one, got {}", kind_name(value.kind())));
  }
  if (*format == Format::Other) {
    return Error(Code::Unsupported, fmt::format("sparse matrix: expected csr, csc or dia, got {}",
                                                base::quote(value.record()->name())));
  }
  TRY_ASSIGN(const Shape shape, read_shape(value));
  if (*format == Format::Csr) return read_compressed(value, shape.rows, shape.columns);
  if (*format == Format::Dia) return read_diagonals(value, shape);
  TRY_ASSIGN(const Sparse columns, read_compressed(value, shape.columns, shape.rows));
  return transpose(shape, columns);
}

}  // namespace pickle
