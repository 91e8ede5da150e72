#include "companions/category_encoders.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "companions/transformer.h"
#include "fitted/pandas.h"
#include "plan/encode_rows.h"

// Each column's categories have codes of their own, 1, 2, ..., which `ordinal_encoder.mapping`
// keeps; -1 is what it has not seen, -2 what is missing. `mapping` has the numbers of a code.
namespace companions {
namespace {

using fitted::PandasCell;
using fitted::PandasFrame;
using fitted::PandasSeries;
using Rows = std::vector<std::vector<double>>;

constexpr double kUnknownCode = -1;
constexpr double kMissingCode = -2;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
using plan::EncodeRows;

// What a column of categories becomes.
struct CategoryColumn {
  std::string name;
  std::vector<std::string> outputs;
  // Of each category; missing is the monostate.
  std::vector<std::pair<PandasCell, std::vector<double>>> rows;
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
                                            std::optional<Value> value) {
  if (!value || value->is_none()) return EncoderTreatment{"value", std::nullopt};
  if (const auto word = value->as_string()) return EncoderTreatment{std::string(*word), {}};
  if (const auto number = value->as_float()) return EncoderTreatment{"", *number};
  return object.unsupported(attribute, "a word or a number", describe(*value));
}

class CategoryEncoder final : public Transformer {
 public:
  struct Fitted {
    std::vector<CategoryColumn> columns;
    std::vector<std::string> inputs;   // All columns it was fitted with.
    std::vector<std::string> dropped;  // Of the output.
  };
  explicit CategoryEncoder(Fitted fitted) : fitted_(std::move(fitted)) {}

 private:
  base::Result<Port> transform(Builder& builder, const Port& from) const override {
    const Port input = builder.declare(from, fitted_.inputs);
    if (input.width != fitted_.inputs.size()) {
      return base::Error(base::Code::Corrupt,
                         fmt::format("\"feature_names_in_\": expected {} columns, got {}",
                                     fitted_.inputs.size(), input.width));
    }
    std::vector<Port> ports;
    std::vector<std::size_t> kept;
    std::size_t width = 0;
    for (std::size_t c = 0; c < fitted_.inputs.size(); ++c) {
      TRY_ASSIGN(Port port, builder.select(input, std::span<const std::size_t>(&c, 1)));
      if (const CategoryColumn* column = find(fitted_.inputs[c])) {
        TRY_ASSIGN(port, encoded(builder, port, *column));
      } else {
        port.names = {fitted_.inputs[c]};
      }
      for (std::size_t i = 0; i < port.width; ++i, ++width) {
        if (!is_dropped(port.names[i])) kept.push_back(width);
      }
      ports.push_back(std::move(port));
    }
    TRY_ASSIGN(const Port all, builder.hstack(ports));
    return kept.size() == width ? base::Result<Port>(all) : builder.select(all, kept);
  }

  const CategoryColumn* find(const std::string& name) const {
    const auto at = std::find_if(fitted_.columns.begin(), fitted_.columns.end(),
                                 [&](const CategoryColumn& each) { return each.name == name; });
    return at == fitted_.columns.end() ? nullptr : &*at;
  }
  bool is_dropped(const std::string& name) const {
    return std::find(fitted_.dropped.begin(), fitted_.dropped.end(), name) != fitted_.dropped.end();
  }

  static base::Result<Port> encoded(Builder& builder, const Port& input,
                                    const CategoryColumn& column) {
    EncodeRows::Column made{.categories = plan::Categories::of_numbers({}),
                            .rows = {},
                            .width = column.outputs.size(),
                            .name = column.name};
    std::vector<std::pair<double, std::int32_t>> numbers;
    std::vector<std::pair<std::string, std::int32_t>> texts;
    const auto add = [&](const std::vector<double>& row) {
      const std::size_t place = made.width == 0 ? 0 : made.rows.size() / made.width;
      made.rows.insert(made.rows.end(), row.begin(), row.end());
      return static_cast<std::int32_t>(place);
    };
    for (const auto& [cell, row] : column.rows) {
      if (const double* number = std::get_if<double>(&cell))
        numbers.emplace_back(*number, add(row));
      if (const auto* text = std::get_if<std::string>(&cell)) texts.emplace_back(*text, add(row));
    }
    if (column.unknown) made.unknown = add(*column.unknown);
    if (column.missing) made.missing = add(*column.missing);
    made.categories = numbers.empty() ? plan::Categories::of_texts(std::move(texts))
                                      : plan::Categories::of_numbers(numbers);
    const ColumnType type = made.categories.type();
    builder.know_categories(input, 0, made.categories);
    TRY_ASSIGN(const Port cells, builder.cells(input, std::span(&type, 1)));
    std::vector<EncodeRows::Column> columns;
    columns.push_back(std::move(made));
    const std::size_t width = column.outputs.size();
    return builder.add(std::make_shared<EncodeRows>(std::move(columns)), cells, Form::Dense, width,
                       column.outputs);
  }

  Fitted fitted_;
};

bool is_mixed(const CategoryColumn& column) {
  bool number = false;
  bool text = false;
  for (const auto& [cell, row] : column.rows) {
    number = number || std::holds_alternative<double>(cell);
    text = text || std::holds_alternative<std::string>(cell);
  }
  return number && text;
}

// Adds what remains to be read of every encoder: the columns, in and out.
Made finish(const Object& object, std::vector<CategoryColumn> columns) {
  CategoryEncoder::Fitted fitted;
  for (const char* attribute : {"composite_members_", "composite_cols"}) {
    const auto value = object.find(attribute);
    if (value && (!value->items().empty() || !value->entries().empty())) {
      return object.unsupported(attribute, "None", describe(*value));
    }
  }
  for (CategoryColumn& column : columns) {
    if (!is_mixed(column)) continue;
    return object.unsupported("mapping", "numbers or texts, not both in one column",
                              fmt::format("both in {}", base::quote(column.name)));
  }
  if (object.has("feature_names_in_")) {
    TRY_ASSIGN(fitted.inputs, object.texts("feature_names_in_"));
  } else {
    for (const CategoryColumn& column : columns) fitted.inputs.push_back(column.name);
    const auto width = object.find("_dim");
    if (!width || width->as_int() != static_cast<std::int64_t>(fitted.inputs.size())) {
      return object.unsupported("feature_names_in_", "the names of the columns", "none");
    }
  }
  for (const CategoryColumn& column : columns) {
    if (std::find(fitted.inputs.begin(), fitted.inputs.end(), column.name) == fitted.inputs.end()) {
      return object.unexpected("cols", "columns it was fitted with", base::quote(column.name));
    }
  }
  TRY_ASSIGN(const bool drop, object.flag_or("drop_invariant", false));
  if (drop && object.has("invariant_cols")) {
    TRY_ASSIGN(fitted.dropped, object.texts("invariant_cols"));
  }
  fitted.columns = std::move(columns);
  return std::make_unique<CategoryEncoder>(std::move(fitted));
}

std::optional<double> number_of(const PandasCell& cell) {
  const double* number = std::get_if<double>(&cell);
  return number == nullptr ? std::nullopt : std::optional(*number);
}

bool is_missing(const PandasCell& cell) { return std::holds_alternative<std::monostate>(cell); }

// The codes of one column's categories.
struct Ordinal {
  std::string name;
  std::vector<std::pair<PandasCell, double>> codes;

  std::optional<double> missing() const {
    for (const auto& [cell, code] : codes) {
      if (is_missing(cell)) return code;
    }
    return std::nullopt;
  }
};

base::Result<std::vector<Ordinal>> read_ordinals(const Object& object) {
  TRY_ASSIGN(const auto items, object.list("mapping"));
  std::vector<Ordinal> ordinals;
  for (const Value item : items) {
    const auto name = item.find("col");
    const auto mapping = item.find("mapping");
    if (!name || !name->as_string() || !mapping) {
      return object.unsupported("mapping", "a mapping for each named column", describe(item));
    }
    Ordinal ordinal{std::string(*name->as_string()), {}};
    auto series = fitted::series_of(*mapping);
    if (!series.ok()) return std::move(series).error().within(object.title());
    for (std::size_t i = 0; i < series->index.size(); ++i) {
      const auto code = number_of(series->values[i]);
      ordinal.codes.emplace_back(std::move(series->index[i]), code.value_or(kNan));
    }
    ordinals.push_back(std::move(ordinal));
  }
  return ordinals;
}

Made read_ordinal_encoder(const Object& object, Reader&) {
  TRY_ASSIGN(const auto unknown,
             treatment_of(object, "handle_unknown", object.value().find("handle_unknown")));
  TRY_ASSIGN(const auto missing,
             treatment_of(object, "handle_missing", object.value().find("handle_missing")));
  TRY_ASSIGN(const auto ordinals, read_ordinals(object));
  std::vector<CategoryColumn> columns;
  for (const Ordinal& ordinal : ordinals) {
    CategoryColumn column{.name = ordinal.name, .outputs = {ordinal.name}, .rows = {}};
    for (const auto& [cell, code] : ordinal.codes) {
      if (!is_missing(cell)) column.rows.push_back({cell, {code}});
    }
    if (unknown.number || unknown.word == "value") {
      column.unknown = {unknown.number.value_or(kUnknownCode)};
    } else if (unknown.word != "error") {
      column.unknown = {kNan};
    }
    column.missing = column.unknown;
    if (const auto code = ordinal.missing()) column.missing = {*code};
    if (column.missing && (*column.missing)[0] == kMissingCode) {
      if (missing.word == "return_nan") column.missing = {kNan};
      if (missing.number) column.missing = {*missing.number};
    }
    if (missing.word == "error") column.missing.reset();
    columns.push_back(std::move(column));
  }
  return finish(object, std::move(columns));
}

// What codes become, and what the new columns are called.
struct ByCode {
  std::map<double, std::vector<double>> rows;
  std::vector<std::string> outputs;

  // A code that nothing is kept for becomes NaN.
  std::vector<double> of(double code) const {
    const auto at = rows.find(code);
    return at == rows.end() ? std::vector<double>(outputs.size(), kNan) : at->second;
  }
};

base::Result<ByCode> read_series_by_code(Value value, const std::string& name) {
  TRY_ASSIGN(const PandasSeries series, fitted::series_of(value));
  ByCode by_code{.rows = {}, .outputs = {name}};
  for (std::size_t i = 0; i < series.index.size(); ++i) {
    if (const auto code = number_of(series.index[i])) {
      by_code.rows[*code] = {number_of(series.values[i]).value_or(kNan)};
    }
  }
  return by_code;
}

base::Result<ByCode> read_frame_by_code(Value value) {
  TRY_ASSIGN(const PandasFrame frame, fitted::frame_of(value));
  ByCode by_code{.rows = {}, .outputs = frame.columns};
  for (std::size_t i = 0; i < frame.index.size(); ++i) {
    const auto code = number_of(frame.index[i]);
    if (!code) continue;
    std::vector<double> row;
    for (const auto& column : frame.values) row.push_back(column[i]);
    by_code.rows[*code] = std::move(row);
  }
  return by_code;
}

// What `mapping` has for a column: a dict by column, or a list that names them.
std::optional<Value> mapping_of(Value mapping, const std::string& name) {
  if (mapping.is(pickle::Kind::Dict)) return mapping.find(name);
  for (const Value item : mapping.items()) {
    const auto column = item.find("col");
    if (column && column->as_string() == name) return item.find("mapping");
  }
  return std::nullopt;
}

// Rare categories that were one when it was fitted: {column: {category: name of all}}.
base::Result<void> read_lumped(const Object& object, std::string_view attribute,
                               CategoryColumn& column) {
  const auto all = object.find(attribute);
  const auto lumped = all ? all->find(column.name) : std::nullopt;
  if (!lumped) return {};
  for (const pickle::Entry& entry : lumped->entries()) {
    const auto group = entry.value.as_string();
    const auto text = entry.key.as_string();
    if (!group || !text) {
      return object.unsupported(attribute, "texts", describe(entry.key));
    }
    const PandasCell wanted = std::string(*group);
    for (std::size_t i = 0; i < column.rows.size(); ++i) {
      if (column.rows[i].first != wanted) continue;
      column.rows.push_back({std::string(*text), column.rows[i].second});
      break;
    }
  }
  return {};
}

Made read_by_code(const Object& object, Reader& reader) {
  // Early releases of the binary encoder hold another.
  if (const auto inner = object.find("base_n_encoder")) {
    return std::make_unique<Chain>(std::vector{reader.read(*inner, "base_n_encoder")});
  }
  TRY_ASSIGN(const Value value, object.get("ordinal_encoder"));
  TRY_ASSIGN(const Object encoder, Object::of(value, object.release()));
  TRY_ASSIGN(const auto ordinals, read_ordinals(encoder));
  TRY_ASSIGN(const auto unknown,
             treatment_of(object, "handle_unknown", object.value().find("handle_unknown")));
  TRY_ASSIGN(const auto missing,
             treatment_of(object, "handle_missing", object.value().find("handle_missing")));
  TRY_ASSIGN(const Value mapping, object.get("mapping"));
  const bool indicators = object.class_name() == "OneHotEncoder";
  std::vector<CategoryColumn> columns;
  for (const Ordinal& ordinal : ordinals) {
    const auto of_column = mapping_of(mapping, ordinal.name);
    if (!of_column) continue;
    auto by_code = mapping.is(pickle::Kind::Dict) ? read_series_by_code(*of_column, ordinal.name)
                                                  : read_frame_by_code(*of_column);
    if (!by_code.ok()) return std::move(by_code).error().within(object.title());
    CategoryColumn column{.name = ordinal.name, .outputs = by_code->outputs, .rows = {}};
    for (const auto& [cell, code] : ordinal.codes) {
      if (!is_missing(cell)) column.rows.push_back({cell, by_code->of(code)});
    }
    if (unknown.word != "error") column.unknown = by_code->of(kUnknownCode);
    // Indicators look a missing value up by itself; others where the codes have it.
    const auto code = ordinal.missing();
    column.missing = code ? by_code->of(*code) : column.unknown;
    if (!code && indicators && missing.word != "value") column.missing = by_code->of(kMissingCode);
    if (missing.word == "error") column.missing.reset();
    TRY(read_lumped(object, "min_group_lumping_", column));
    columns.push_back(std::move(column));
  }
  return finish(object, std::move(columns));
}

// CatBoostEncoder and LeaveOneOutEncoder keep the sum and count of the target by category.
Made read_by_sum(const Object& object, Reader&) {
  TRY_ASSIGN(const auto unknown,
             treatment_of(object, "handle_unknown", object.value().find("handle_unknown")));
  TRY_ASSIGN(const auto missing,
             treatment_of(object, "handle_missing", object.value().find("handle_missing")));
  TRY_ASSIGN(const double mean, object.number("_mean"));
  const bool cat_boost = object.class_name() == "CatBoostEncoder";
  double a = 0;
  if (cat_boost && object.has("a")) {
    TRY_ASSIGN(a, object.number("a"));
  } else if (cat_boost) {
    a = 1;
  }
  TRY_ASSIGN(const Value mapping, object.get("mapping"));
  std::vector<CategoryColumn> columns;
  for (const pickle::Entry& entry : mapping.entries()) {
    const auto name = entry.key.as_string();
    if (!name) return object.unsupported("mapping", "columns by name", describe(entry.key));
    auto frame = fitted::frame_of(entry.value);
    if (!frame.ok()) return std::move(frame).error().within(object.title());
    const auto place = [&](std::string_view of) {
      return static_cast<std::size_t>(std::find(frame->columns.begin(), frame->columns.end(), of) -
                                      frame->columns.begin());
    };
    const std::size_t sum = place("sum");
    const std::size_t count = place("count");
    if (sum == frame->columns.size() || count == frame->columns.size()) {
      return object.unexpected("mapping", "sums and counts", entry.value);
    }
    const std::string column_name(*name);
    CategoryColumn column{.name = column_name, .outputs = {column_name}, .rows = {}};
    if (unknown.word != "error") {
      column.unknown = {unknown.word == "value" ? mean : kNan};
    }
    column.missing = {missing.word == "value" ? mean : kNan};
    for (std::size_t i = 0; i < frame->index.size(); ++i) {
      const double n = frame->values[count][i];
      const double total = frame->values[sum][i];
      const double encoded = !(n > 1) ? mean : cat_boost ? (total + mean * a) / (n + a) : total / n;
      if (!is_missing(frame->index[i])) {
        column.rows.push_back({frame->index[i], {encoded}});
      } else if (missing.word == "value") {
        column.missing = {encoded};
      }
    }
    if (missing.word == "error") column.missing.reset();
    TRY(read_lumped(object, "min_group_lumping_", column));
    columns.push_back(std::move(column));
  }
  return finish(object, std::move(columns));
}

Made read_count_encoder(const Object& object, Reader&) {
  TRY_ASSIGN(const auto missing,
             treatment_of(object, "handle_missing", object.value().find("handle_missing")));
  TRY_ASSIGN(const Value mapping, object.get("mapping"));
  const auto treated = [&](const char* attribute, const std::string& name) {
    const auto by_column = object.find(attribute);
    return treatment_of(object, attribute, by_column ? by_column->find(name) : std::nullopt);
  };
  std::vector<CategoryColumn> columns;
  for (const pickle::Entry& entry : mapping.entries()) {
    const auto name = entry.key.as_string();
    if (!name) return object.unsupported("mapping", "columns by name", describe(entry.key));
    const std::string column_name(*name);
    auto series = fitted::series_of(entry.value);
    if (!series.ok()) return std::move(series).error().within(object.title());
    TRY_ASSIGN(const auto unknown, treated("_handle_unknown", column_name));
    TRY_ASSIGN(const auto absent, treated("_handle_missing", column_name));
    CategoryColumn column{.name = column_name, .outputs = {column_name}, .rows = {}};
    if (unknown.number) {
      column.unknown = {*unknown.number};
    } else if (unknown.word == "value" && absent.word != "return_nan") {
      column.unknown = {0.0};
    } else if (unknown.word != "error") {
      column.unknown = {kNan};
    }
    column.missing = column.unknown;
    for (std::size_t i = 0; i < series->index.size(); ++i) {
      const double count = number_of(series->values[i]).value_or(kNan);
      if (is_missing(series->index[i])) {
        column.missing = {count};
      } else {
        column.rows.push_back({series->index[i], {count}});
      }
    }
    if (missing.word == "error") column.missing.reset();
    TRY(read_lumped(object, "_min_group_categories", column));
    columns.push_back(std::move(column));
  }
  return finish(object, std::move(columns));
}

constexpr Entry kCategoryEncoders[] = {
    {"category_encoders", "BackwardDifferenceEncoder", read_by_code},
    {"category_encoders", "BaseNEncoder", read_by_code},
    {"category_encoders", "BinaryEncoder", read_by_code},
    {"category_encoders", "CatBoostEncoder", read_by_sum},
    {"category_encoders", "CountEncoder", read_count_encoder},
    {"category_encoders", "GLMMEncoder", read_by_code},
    {"category_encoders", "GrayEncoder", read_by_code},
    {"category_encoders", "HelmertEncoder", read_by_code},
    {"category_encoders", "JamesSteinEncoder", read_by_code},
    {"category_encoders", "LeaveOneOutEncoder", read_by_sum},
    {"category_encoders", "MEstimateEncoder", read_by_code},
    {"category_encoders", "OneHotEncoder", read_by_code},
    {"category_encoders", "OrdinalEncoder", read_ordinal_encoder},
    {"category_encoders", "PolynomialEncoder", read_by_code},
    {"category_encoders", "QuantileEncoder", read_by_code},
    {"category_encoders", "SumEncoder", read_by_code},
    {"category_encoders", "TargetEncoder", read_by_code},
    {"category_encoders", "WOEEncoder", read_by_code},
};

}  // namespace

std::span<const Entry> category_encoders_entries() { return kCategoryEncoders; }

}  // namespace companions
