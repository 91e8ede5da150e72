#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "data/signature.h"

namespace table {

// `column "age": expected a number, got ...` and its likes, without the row.
base::Error cell_error(const data::Column& column, std::string_view got);

// `; did you mean "age"?`, or nothing where no column is named nearly so.
std::string suggestion(std::string_view name, const data::Signature& signature);

// A column that must be there and is not. `present` are the names that are.
base::Error missing_column(const data::Column& column, std::span<const std::string> present);

// "a number" or "a text".
std::string_view expected_cell(data::ColumnType type);

}  // namespace table
