#pragma once

#include <optional>
#include <string_view>

namespace table {

// What a cell of a CSV file stands for where pandas.read_csv reads it with its defaults.

// The texts that pandas takes for a missing value, quoted or not: "", "NA", "NaN", "null", ...
bool is_missing_cell(std::string_view cell);

// A number as pandas accepts it: decimal, spaces around it and a sign before it allowed, inf and
// infinity, and True and False as 1 and 0. Unlike pandas' it is always the float64 nearest to
// what is written, and what float64 cannot hold, such as 1e400, is no number. NaN comes only as a
// missing cell.
std::optional<double> parse_number_cell(std::string_view cell);

}  // namespace table
