#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "data/signature.h"

namespace table {

// `column "age": expected a number, got ...` and its likes, without the row.
base::Error cell_error(const data::Column& column, std::string_view got);

// `column "agee": expected one that the model was fitted with; did you mean "age"?`
base::Error unknown_column(std::string_view name, const data::Signature& signature);

// `; did you mean "age"?`, or nothing where no column is named nearly so.
std::string suggestion(std::string_view name, const data::Signature& signature);

// A column that must be there and is not. `present` are the names that are.
base::Error missing_column(const data::Column& column, std::span<const std::string> present);

// A text that stands where something else was expected: quoted, and called a date where it is one,
// as ISO 8601 and pandas write it.
std::string describe_text(std::string_view text);

// "a number" or "a text".
std::string_view expected_cell(data::ColumnType type);

}  // namespace table
