#pragma once

#include <limits>
#include <memory>
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

// What a column is called: by a text, or by a number, as those of an array are.
std::optional<std::string> column_label(Value value);
// What a dict by column has for one.
std::optional<Value> of_column(Value dict, const std::string& name);
// Names in a list, an array or an index.
base::Result<std::vector<std::string>> column_labels(const Object& object,
                                                     std::string_view attribute);

// The columns that an encoder was fitted with.
struct EncoderInput {
  std::vector<std::string> names;
  bool numbered = false;  // Of an array: numbers that say where they are.

  // Refuses an input of another width.
  base::Result<Port> declare(Builder& builder, const Port& from) const;
};
// `encoded`: those that it encodes, which are all that early releases keep.
base::Result<EncoderInput> read_encoder_input(const Object& object,
                                              const std::vector<std::string>& encoded);

// What a column of categories becomes.
struct CategoryColumn {
  std::string name;
  std::vector<std::string> outputs;
  // Of each category; missing is the monostate.
  std::vector<std::pair<fitted::PandasCell, std::vector<double>>> rows;
  std::optional<std::vector<double>> unknown;  // Nothing: refused.
  std::optional<std::vector<double>> missing;
  // What makes all of `outputs` of a text instead.
  std::shared_ptr<const plan::Step> step;
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

// Refuses what an encoder makes of columns before it encodes them.
base::Result<void> refuse_composites(const Object& object);
// Columns of the output that it leaves out.
base::Result<std::vector<std::string>> read_dropped(const Object& object);

// The encoder of these columns; reads what remains of every encoder: the columns, in and out.
Made make_category_encoder(const Object& object, std::vector<CategoryColumn> columns);

}  // namespace companions
