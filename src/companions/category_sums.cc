#include "companions/category_sums.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "companions/category_columns.h"

namespace companions {

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
    const auto name = column_label(entry.key);
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
    const std::string& column_name = *name;
    CategoryColumn column{.name = column_name, .outputs = {column_name}, .rows = {}};
    if (unknown.word != "error") {
      column.unknown = {unknown.word == "value" ? mean : kNotEncoded};
    }
    column.missing = {missing.word == "value" ? mean : kNotEncoded};
    for (std::size_t i = 0; i < frame->index.size(); ++i) {
      const double n = frame->values[count][i];
      const double total = frame->values[sum][i];
      const double encoded = !(n > 1) ? mean : cat_boost ? (total + mean * a) / (n + a) : total / n;
      if (!is_missing_category(frame->index[i])) {
        column.rows.push_back({frame->index[i], {encoded}});
      } else if (missing.word != "return_nan") {
        column.missing = {encoded};
      }
    }
    if (missing.word == "error") column.missing.reset();
    TRY(read_lumped(object, "min_group_lumping_", column));
    columns.push_back(std::move(column));
  }
  return make_category_encoder(object, std::move(columns));
}

Made read_count_encoder(const Object& object, Reader&) {
  TRY_ASSIGN(const auto missing,
             treatment_of(object, "handle_missing", object.value().find("handle_missing")));
  TRY_ASSIGN(const Value mapping, object.get("mapping"));
  const auto treated = [&](const char* attribute, const std::string& name) {
    const auto by_column = object.find(attribute);
    return treatment_of(object, attribute, by_column ? of_column(*by_column, name) : std::nullopt);
  };
  std::vector<CategoryColumn> columns;
  for (const pickle::Entry& entry : mapping.entries()) {
    const auto name = column_label(entry.key);
    if (!name) return object.unsupported("mapping", "columns by name", describe(entry.key));
    const std::string& column_name = *name;
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
      column.unknown = {kNotEncoded};
    }
    column.missing = column.unknown;
    for (std::size_t i = 0; i < series->index.size(); ++i) {
      const double count = encoder_number(series->values[i]).value_or(kNotEncoded);
      if (is_missing_category(series->index[i])) {
        column.missing = {count};
      } else {
        column.rows.push_back({series->index[i], {count}});
      }
    }
    if (missing.word == "error") column.missing.reset();
    TRY(read_lumped(object, "_min_group_categories", column));
    columns.push_back(std::move(column));
  }
  return make_category_encoder(object, std::move(columns));
}

}  // namespace companions
