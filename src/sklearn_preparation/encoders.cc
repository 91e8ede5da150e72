#include "sklearn_preparation/encoders.h"

#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan_cells/look_up.h"
#include "sklearn_preparation/categories.h"
#include "sklearn_values/feature_names.h"

namespace sklearn {
namespace {

using pickle::Value;
using plan::Builder;
using plan::Form;
using plan::LookUp;
using plan::Method;
using plan::Port;

// Columns of categories, each of which becomes numbers.
class CategoryEncoder final : public Estimator {
 public:
  // `each`: what the numbers of one column are called by, where there are several.
  explicit CategoryEncoder(std::vector<LookUp::Column> columns, std::vector<std::string> each = {})
      : columns_(std::move(columns)), each_(std::move(each)) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    std::vector<data::ColumnType> types;
    for (const LookUp::Column& column : columns_) types.push_back(column.categories.type());
    TRY_ASSIGN(const Port port, builder.cells(input, types));
    std::vector<LookUp::Column> columns = columns_;
    bool one_each = true;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      builder.know_categories(input, c, columns[c].categories);
      if (c < port.names.size()) columns[c].name = port.names[c];
      one_each = one_each && columns[c].width == 1;
    }
    auto step = std::make_shared<LookUp>(std::move(columns));
    const std::size_t outputs = step->outputs();
    return builder.add(std::move(step), port, Form::Dense, outputs,
                       one_each ? port.names : names_of_each(port, outputs));
  }

  std::vector<std::string> names_of_each(const Port& port, std::size_t outputs) const {
    std::vector<std::string> names;
    if (outputs > plan::kNamedFeaturesMax) return names;
    if (std::any_of(each_.begin(), each_.end(), is_too_long)) return names;
    for (const std::string& name : names_of(port)) {
      for (const std::string& each : each_) names.push_back(fmt::format("{}_{}", name, each));
    }
    if (names.size() != outputs) names.clear();
    return names;
  }

  std::vector<LookUp::Column> columns_;
  std::vector<std::string> each_;
};

// Where a missing value of each column stands among its categories, of the columns that have one.
base::Result<std::vector<std::optional<std::size_t>>> read_missing_indices(const Object& object,
                                                                           std::size_t columns) {
  std::vector<std::optional<std::size_t>> indices(columns);
  const auto value = object.find("_missing_indices");
  if (!value) return indices;
  for (const pickle::Entry& entry : value->entries()) {
    const auto column = entry.key.as_int();
    const auto index = entry.value.as_int();
    if (!column || *column < 0 || static_cast<std::size_t>(*column) >= columns || !index ||
        *index < 0) {
      return object.unexpected("_missing_indices", "positions by column", *value);
    }
    indices[static_cast<std::size_t>(*column)] = static_cast<std::size_t>(*index);
  }
  return indices;
}

// What OrdinalEncoder says of all columns.
struct OrdinalRules {
  PerColumn groups;
  std::vector<std::optional<std::size_t>> missing;
  double encoded_missing = std::nan("");
  std::vector<double> unknown;

  static base::Result<OrdinalRules> read(const Object& object, std::size_t columns) {
    OrdinalRules rules;
    TRY_ASSIGN(rules.groups, PerColumn::read(object, "_default_to_infrequent_mappings", columns));
    TRY_ASSIGN(rules.missing, read_missing_indices(object, columns));
    if (object.has("encoded_missing_value")) {
      TRY_ASSIGN(rules.encoded_missing, object.number("encoded_missing_value"));
    }
    TRY_ASSIGN(const std::string handle_unknown, object.text_or("handle_unknown", "error"));
    if (handle_unknown == "use_encoded_value") {
      TRY_ASSIGN(const double value, object.number("unknown_value"));
      rules.unknown = {value};
    } else if (handle_unknown != "error") {
      return object.unsupported("handle_unknown", "\"error\" or \"use_encoded_value\"",
                                handle_unknown);
    }
    return rules;
  }
};

Made read_ordinal_encoder(const Object& object, Reader&) {
  TRY_ASSIGN(const auto items, object.list("categories_"));
  TRY_ASSIGN(const OrdinalRules rules, OrdinalRules::read(object, items.size()));
  std::vector<LookUp::Column> columns;
  for (std::size_t i = 0; i < items.size(); ++i) {
    TRY_ASSIGN(const auto listed, read_categories(object, "categories_", items[i]));
    std::vector<std::int32_t> groups;
    const auto mapping = rules.groups[i];
    if (mapping) {
      TRY_ASSIGN(groups, read_groups(object, *mapping, listed.size()));
    }
    LookUp::Column column{.categories = listed.in_order()};
    for (std::size_t k = 0; k < listed.size(); ++k) {
      const bool missing = rules.missing[i] == k;
      const double code = k < groups.size() ? groups[k] : static_cast<double>(k);
      column.values.push_back(missing ? rules.encoded_missing : code);
    }
    column.unknown = rules.unknown;
    columns.push_back(std::move(column));
  }
  return std::make_unique<CategoryEncoder>(std::move(columns));
}

// encodings_: for each column one list, or one for each class (several classes).
Made read_target_encoder(const Object& object, Reader&) {
  TRY_ASSIGN(const auto items, object.list("categories_"));
  TRY_ASSIGN(const auto means, object.doubles("target_mean_"));
  TRY_ASSIGN(const auto encodings, object.list("encodings_"));
  const std::size_t width = means.size();
  if (width == 0 || encodings.size() != items.size() * width) {
    return object.unexpected("encodings_", fmt::format("{} lists", items.size() * width),
                             std::to_string(encodings.size()));
  }
  std::vector<LookUp::Column> columns;
  for (std::size_t i = 0; i < items.size(); ++i) {
    TRY_ASSIGN(const auto listed, read_categories(object, "categories_", items[i]));
    LookUp::Column column{.categories = listed.in_order(), .values = {}, .width = width};
    column.values.resize(listed.size() * width);
    column.unknown = means;
    for (std::size_t k = 0; k < width; ++k) {
      const auto numbers = doubles_of(encodings[i * width + k]);
      if (!numbers.ok() || numbers->size() != listed.size()) {
        return object.unexpected("encodings_", fmt::format("{} numbers", listed.size()),
                                 encodings[i * width + k]);
      }
      for (std::size_t j = 0; j < listed.size(); ++j) {
        column.values[j * width + k] = (*numbers)[j];
      }
    }
    columns.push_back(std::move(column));
  }
  std::vector<std::string> each;
  if (width > 1 && object.has("classes_")) {
    TRY_ASSIGN(const data::Labels classes, object.labels("classes_"));
    for (std::size_t k = 0; k < data::label_count(classes); ++k) {
      each.push_back(data::label_text(classes, k));
    }
  }
  return std::make_unique<CategoryEncoder>(std::move(columns), std::move(each));
}

Made read_label_encoder(const Object& object, Reader&) {
  TRY_ASSIGN(const Value classes, object.get("classes_"));
  TRY_ASSIGN(const auto listed, read_categories(object, "classes_", classes));
  LookUp::Column column{.categories = listed.in_order()};
  for (std::size_t k = 0; k < listed.size(); ++k) {
    column.values.push_back(static_cast<double>(k));
  }
  std::vector<LookUp::Column> columns;
  columns.push_back(std::move(column));
  return std::make_unique<CategoryEncoder>(std::move(columns));
}

// Several outputs of 0 and 1: a label of each is neg_label or pos_label.
std::vector<LookUp::Column> indicator_columns(std::size_t count, double negative, double positive) {
  std::vector<LookUp::Column> columns;
  for (std::size_t c = 0; c < count; ++c) {
    LookUp::Column column{.categories = plan::Categories::of_numbers({{0, 0}})};
    column.values = {negative};
    column.unknown = {positive};
    columns.push_back(std::move(column));
  }
  return columns;
}

// One label: an indicator for each class, or of two classes for the second alone. A class that is
// unknown has none.
Made read_label_binarizer(const Object& object, Reader& reader) {
  TRY_ASSIGN(const Value classes, object.get("classes_"));
  TRY_ASSIGN(const auto listed, read_categories(object, "classes_", classes));
  TRY_ASSIGN(const double negative, object.number("neg_label"));
  TRY_ASSIGN(const double positive, object.number("pos_label"));
  TRY_ASSIGN(const std::string kind, object.text_or("y_type_", "multiclass"));
  const std::size_t count = listed.size();
  if (kind.starts_with("multilabel")) {
    return std::make_unique<CategoryEncoder>(indicator_columns(count, negative, positive));
  }
  const std::size_t width = count <= 2 ? 1 : count;
  if (count == 0 || count > 0xFFFF || !reader.spend(count * width)) {
    return object.unsupported("classes_", "one class or more, and not too many",
                              std::to_string(count));
  }
  LookUp::Column column{.categories = listed.in_order(), .values = {}, .width = width};
  column.unknown.assign(width, negative);
  for (std::size_t k = 0; k < count; ++k) {
    for (std::size_t c = 0; c < width; ++c) {
      const bool set = count == 2 ? k == 1 : count > 2 && k == c;
      column.values.push_back(set ? positive : negative);
    }
  }
  std::vector<LookUp::Column> columns;
  columns.push_back(std::move(column));
  return std::make_unique<CategoryEncoder>(std::move(columns));
}

Made read_multi_label_binarizer(const Object& object, Reader&) {
  return object.unsupported("classes_", "one label in a cell", "a set of labels for each row");
}

constexpr Entry kEncoders[] = {
    {"sklearn.preprocessing", "LabelBinarizer", read_label_binarizer},
    {"sklearn.preprocessing", "LabelEncoder", read_label_encoder},
    {"sklearn.preprocessing", "MultiLabelBinarizer", read_multi_label_binarizer},
    {"sklearn.preprocessing", "OrdinalEncoder", read_ordinal_encoder},
    {"sklearn.preprocessing", "TargetEncoder", read_target_encoder},
};

}  // namespace

std::span<const Entry> encoder_entries() { return kEncoders; }

}  // namespace sklearn
