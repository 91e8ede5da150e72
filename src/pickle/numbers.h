#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/strided.h"
#include "pickle/value.h"

namespace pickle {

// The elements of an array as C++ numbers, row-major whatever the order in memory, either byte
// order. One vector per call; its size is array.elements(), which the file has paid for.

// b, i, u, f (2, 4, 8 bytes), and objects that are numbers: NumPy's astype(float64). None among
// objects is NaN. Refuses the other kinds, long double included.
base::Result<std::vector<double>> to_doubles(const Array& array);
// b, i, u, M, m, and objects that are integers. Refuses floats, and unsigned numbers that do not
// fit.
base::Result<std::vector<std::int64_t>> to_int64s(const Array& array);
// The elements themselves, where they are doubles as this machine has them: of any alignment, in
// the array's own order, valid as long as the document.
std::optional<base::Bytes> find_doubles(const Array& array);
// U, S (where it is UTF-8), and objects that are strings.
base::Result<std::vector<std::string>> to_strings(const Array& array);

// The same of one field of a structured array, `count` numbers for each element where the field
// is a sub-array. NotFound where there is no such field.
const DType::Field* find_field(const DType& dtype, std::string_view name);
base::Result<std::vector<double>> field_doubles(const Array& array, std::string_view name);
base::Result<std::vector<std::int64_t>> field_int64s(const Array& array, std::string_view name);

// The same where they lie, if they lie there as this machine has them, and else copied: for arrays
// of many millions. Valid as long as the document.
template <typename Number>
struct Viewed {
  base::Strided<Number> numbers;
  std::shared_ptr<const std::vector<Number>> copied;  // Null: they lie in the document.

  static Viewed of(std::vector<Number> copied) {
    auto kept = std::make_shared<const std::vector<Number>>(std::move(copied));
    return {*kept, kept};
  }
};
base::Result<Viewed<double>> view_doubles(const Array& array);
base::Result<Viewed<double>> view_doubles(const Array& array, std::string_view field);
base::Result<Viewed<std::int64_t>> view_int64s(const Array& array, std::string_view field);
// 0 or another number, such as of booleans.
base::Result<Viewed<std::uint8_t>> view_flags(const Array& array, std::string_view field);

}  // namespace pickle
