#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "companions/words.h"
#include "fitted/pandas.h"

// What the encoders of category_encoders have in common: a column of categories becomes numbers.
namespace companions {

// What a column of categories becomes.
struct CategoryColumn {
  std::string name;
  std::vector<std::string> outputs;
  // Of each category; missing is the monostate.
  std::vector<std::pair<fitted::PandasCell, std::vector<double>>> rows;
  std::optional<std::vector<double>> unknown;  // Nothing: refused.
  std::optional<std::vector<double>> missing;
};

// A treatment of what is unknown or missing: "error", "value", "return_nan", "indicator",
// "ignore", or a number.
struct EncoderTreatment {
  std::string word;
  std::optional<double> number;
};
base::Result<EncoderTreatment> treatment_of(const Object& object, std::string_view attribute,
                                            std::optional<Value> value);

constexpr double kNotEncoded = std::numeric_limits<double>::quiet_NaN();

// The number of a cell, if it is one.
std::optional<double> encoder_number(const fitted::PandasCell& cell);
inline bool is_missing_category(const fitted::PandasCell& cell) {
  return std::holds_alternative<std::monostate>(cell);
}

// Adds to a column rare categories that were one when it was fitted: {column: {category: name of
// all}}.
base::Result<void> read_lumped(const Object& object, std::string_view attribute,
                               CategoryColumn& column);

// The encoder of these columns; reads what remains of every encoder: the columns, in and out.
Made make_category_encoder(const Object& object, std::vector<CategoryColumn> columns);

}  // namespace companions
