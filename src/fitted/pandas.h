#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "pickle/value.h"

namespace fitted {

// What pandas pickles: an Index, a Series, a DataFrame of numbers, and columns of texts as Arrow
// keeps them. Nothing of pandas is called; every size is checked against what is there.

// A number, a text, or nothing: a missing value.
using PandasCell = std::variant<std::monostate, double, std::string>;

// What an Index wraps; the value itself where it is no Index.
pickle::Value unwrap_index(pickle::Value value);

// The texts of pandas' string arrays, missing ones as nothing; no value where it is no such array.
std::optional<base::Result<std::vector<PandasCell>>> find_string_array(pickle::Value value);

// The cells of an Index, an array or a list.
base::Result<std::vector<PandasCell>> cells_of(pickle::Value value);

struct PandasSeries {
  std::vector<PandasCell> index;
  std::vector<PandasCell> values;
};
base::Result<PandasSeries> series_of(pickle::Value value);

struct PandasFrame {
  std::vector<std::string> columns;
  std::vector<PandasCell> index;
  std::vector<std::vector<double>> values;  // By column; a missing one is NaN.
};
base::Result<PandasFrame> frame_of(pickle::Value value);

}  // namespace fitted
