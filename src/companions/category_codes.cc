#include "companions/category_codes.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "companions/category_columns.h"
#include "companions/transformer.h"

namespace companions {
namespace {

using fitted::PandasCell;
using fitted::PandasFrame;
using fitted::PandasSeries;

constexpr double kUnknownCode = -1;
constexpr double kMissingCode = -2;

// The codes of one column's categories.
struct Ordinal {
  std::string name;
  std::vector<std::pair<PandasCell, double>> codes;

  std::optional<double> missing() const {
    for (const auto& [cell, code] : codes) {
      if (is_missing_category(cell)) return code;
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
    const auto label = name ? column_label(*name) : std::nullopt;
    if (!label || !mapping) {
      return object.unsupported("mapping", "a mapping for each named column", describe(item));
    }
    Ordinal ordinal{*label, {}};
    auto series = fitted::series_of(*mapping);
    if (!series.ok()) return std::move(series).error().within(object.title());
    for (std::size_t i = 0; i < series->index.size(); ++i) {
      const auto code = encoder_number(series->values[i]);
      ordinal.codes.emplace_back(std::move(series->index[i]), code.value_or(kNotEncoded));
    }
    ordinals.push_back(std::move(ordinal));
  }
  return ordinals;
}

// What codes become, and what the new columns are called.
struct ByCode {
  std::map<double, std::vector<double>> rows;
  std::vector<std::string> outputs;

  // A code that nothing is kept for becomes NaN.
  std::vector<double> of(double code) const {
    const auto at = rows.find(code);
    return at == rows.end() ? std::vector<double>(outputs.size(), kNotEncoded) : at->second;
  }
};

base::Result<ByCode> read_series_by_code(Value value, const std::string& name) {
  TRY_ASSIGN(const PandasSeries series, fitted::series_of(value));
  ByCode by_code{.rows = {}, .outputs = {name}};
  for (std::size_t i = 0; i < series.index.size(); ++i) {
    if (const auto code = encoder_number(series.index[i])) {
      by_code.rows[*code] = {encoder_number(series.values[i]).value_or(kNotEncoded)};
    }
  }
  return by_code;
}

base::Result<ByCode> read_frame_by_code(Value value) {
  TRY_ASSIGN(const PandasFrame frame, fitted::frame_of(value));
  ByCode by_code{.rows = {}, .outputs = frame.columns};
  for (std::size_t i = 0; i < frame.index.size(); ++i) {
    const auto code = encoder_number(frame.index[i]);
    if (!code) continue;
    std::vector<double> row;
    for (const auto& column : frame.values) row.push_back(column[i]);
    by_code.rows[*code] = std::move(row);
  }
  return by_code;
}

// What `mapping` has for a column: a dict by column, or a list that names them.
std::optional<Value> mapping_of(Value mapping, const std::string& name) {
  if (mapping.is(pickle::Kind::Dict)) return of_column(mapping, name);
  for (const Value item : mapping.items()) {
    const auto column = item.find("col");
    if (column && column_label(*column) == name) return item.find("mapping");
  }
  return std::nullopt;
}

}  // namespace

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
      if (!is_missing_category(cell)) column.rows.push_back({cell, {code}});
    }
    if (unknown.number || unknown.word == "value") {
      column.unknown = {unknown.number.value_or(kUnknownCode)};
    } else if (unknown.word != "error") {
      column.unknown = {kNotEncoded};
    }
    column.missing = column.unknown;
    if (const auto code = ordinal.missing()) column.missing = {*code};
    if (column.missing && (*column.missing)[0] == kMissingCode) {
      if (missing.word == "return_nan") column.missing = {kNotEncoded};
      if (missing.number) column.missing = {*missing.number};
    }
    if (missing.word == "error") column.missing.reset();
    columns.push_back(std::move(column));
  }
  return make_category_encoder(object, std::move(columns));
}

namespace {

// One number by code, or a row of several.
base::Result<ByCode> read_any_by_code(Value value, const std::string& name) {
  const pickle::Record* record = value.record();
  const bool frame = record != nullptr && record->name() == "DataFrame";
  return frame ? read_frame_by_code(value) : read_series_by_code(value, name);
}

// What the codes of an encoder's columns become.
base::Result<std::vector<CategoryColumn>> read_code_columns(const Object& object) {
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
    const auto of_this = mapping_of(mapping, ordinal.name);
    if (!of_this) continue;
    auto by_code = read_any_by_code(*of_this, ordinal.name);
    if (!by_code.ok()) return std::move(by_code).error().within(object.title());
    CategoryColumn column{.name = ordinal.name, .outputs = by_code->outputs, .rows = {}};
    for (const auto& [cell, code] : ordinal.codes) {
      if (!is_missing_category(cell)) column.rows.push_back({cell, by_code->of(code)});
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
  return columns;
}

// Every rank up to that of the category is hot; what has no rank is nothing, or no number.
base::Result<std::vector<CategoryColumn>> read_rank_columns(const Object& object) {
  TRY_ASSIGN(std::vector<CategoryColumn> columns, read_code_columns(object));
  TRY_ASSIGN(const auto unknown,
             treatment_of(object, "handle_unknown", object.value().find("handle_unknown")));
  TRY_ASSIGN(const auto missing,
             treatment_of(object, "handle_missing", object.value().find("handle_missing")));
  TRY_ASSIGN(const Value value, object.get("ordinal_encoder"));
  TRY_ASSIGN(const Object encoder, Object::of(value, object.release()));
  TRY_ASSIGN(const auto ordinals, read_ordinals(encoder));
  for (CategoryColumn& column : columns) {
    const std::size_t width = column.outputs.size();
    const std::vector<double> rest(width, unknown.word == "return_nan" ? kNotEncoded : 0);
    if (column.unknown) column.unknown = rest;
    const auto ordinal = std::find_if(ordinals.begin(), ordinals.end(), [&](const Ordinal& each) {
      return each.name == column.name;
    });
    const auto code = ordinal->missing();
    const bool ranked = code && *code != kMissingCode && missing.word == "value";
    if (!column.missing || ranked) continue;
    column.missing = missing.word == "return_nan" ? std::vector<double>(width, kNotEncoded) : rest;
  }
  return columns;
}

// Puts what one more encoder makes of a column behind what is there.
base::Result<void> append_codes(const Object& object, const CategoryColumn& more,
                                CategoryColumn& column) {
  const auto append = [](const std::vector<double>& from, std::vector<double>& to) {
    to.insert(to.end(), from.begin(), from.end());
  };
  column.outputs.insert(column.outputs.end(), more.outputs.begin(), more.outputs.end());
  for (std::size_t i = 0; i < column.rows.size(); ++i) {
    if (column.rows.size() != more.rows.size() || column.rows[i].first != more.rows[i].first) {
      return object.unexpected("encoder_list", "the same categories in each", "others");
    }
    append(more.rows[i].second, column.rows[i].second);
  }
  if (column.unknown.has_value() != more.unknown.has_value() ||
      column.missing.has_value() != more.missing.has_value()) {
    return object.unexpected("encoder_list", "the same treatment of what is unknown in each",
                             "others");
  }
  if (more.unknown) append(*more.unknown, *column.unknown);
  if (more.missing) append(*more.missing, *column.missing);
  return {};
}

}  // namespace

Made read_by_code(const Object& object, Reader& reader) {
  // Early releases of the binary encoder hold another.
  if (const auto inner = object.find("base_n_encoder")) {
    return std::make_unique<Chain>(std::vector{reader.read(*inner, "base_n_encoder")});
  }
  TRY_ASSIGN(auto columns, read_code_columns(object));
  return make_category_encoder(object, std::move(columns));
}

Made read_rank_hot_encoder(const Object& object, Reader&) {
  TRY_ASSIGN(auto columns, read_rank_columns(object));
  return make_category_encoder(object, std::move(columns));
}

namespace {

// What one of a SummaryEncoder's encoders says of its columns, put beside what others have said.
base::Result<void> add_quantile(const Object& object, const Object& encoder,
                                std::vector<CategoryColumn>& columns) {
  TRY_ASSIGN(const double quantile, encoder.number("quantile"));
  TRY_ASSIGN(const auto dropped, read_dropped(encoder));
  TRY_ASSIGN(auto parts, read_code_columns(encoder));
  for (CategoryColumn& part : parts) {
    if (std::find(dropped.begin(), dropped.end(), part.name) != dropped.end()) {
      return object.unsupported("drop_invariant", "no column left out", base::quote(part.name));
    }
    part.outputs = {fmt::format("{}_{}", part.name, std::nearbyint(quantile * 100))};
    const auto known = std::find_if(columns.begin(), columns.end(),
                                    [&](const auto& each) { return each.name == part.name; });
    if (known == columns.end()) {
      columns.push_back(std::move(part));
    } else {
      TRY(append_codes(object, part, *known));
    }
  }
  return {};
}

}  // namespace

Made read_summary_encoder(const Object& object, Reader&) {
  TRY_ASSIGN(const auto items, object.list("encoder_list"));
  std::vector<CategoryColumn> columns;
  for (const Value item : items) {
    TRY_ASSIGN(const Object encoder, Object::of(item, object.release()));
    TRY(add_quantile(object, encoder, columns));
  }
  return make_category_encoder(object, std::move(columns));
}

}  // namespace companions
