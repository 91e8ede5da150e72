#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "companions/cells.h"
#include "companions/pmml_lookup.h"
#include "companions/transformer.h"
#include "plan_cells/cell_lookup.h"
#include "plan_cells/encode.h"
#include "plan_cells/one_hot.h"

namespace companions {
namespace {

using LookupCell = plan::Lookup::Cell;

// LookupTransformer and its like: the value that a mapping has for the cells of a row.
class LookedUp final : public Transformer {
 public:
  LookedUp(plan::Lookup::Rules rules, std::vector<ColumnType> keys, NumberKind kind)
      : function_(std::make_shared<plan::Lookup>(std::move(rules))),
        keys_(std::move(keys)),
        kind_(kind) {}

 private:
  base::Result<Port> transform(Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port port, builder.cells(input, keys_));
    Port made = map_all(builder, port, function_, kind_);
    if (port.width == 1) made.names = port.names;
    return made;
  }

  std::shared_ptr<const plan::Lookup> function_;
  std::vector<ColumnType> keys_;
  NumberKind kind_;
};

std::optional<ColumnType> cell_type_of(const LookupCell& cell) {
  if (std::holds_alternative<double>(cell)) return ColumnType::Number;
  if (std::holds_alternative<std::string>(cell)) return ColumnType::Text;
  return std::nullopt;
}

// A mapping of cells, or of tuples of them, with what its keys and values are.
struct Mapping {
  plan::Lookup::Rules rules;
  std::vector<ColumnType> keys;
  std::optional<ColumnType> values;
  NumberKind kind = NumberKind::Unknown;
};

base::Result<void> read_pair(const Object& object, const pickle::Entry& entry, Mapping& mapping) {
  std::vector<LookupCell> key;
  std::vector<ColumnType> types;
  const std::vector<Value> one = {entry.key};
  const bool several = entry.key.is(pickle::Kind::Tuple);
  for (const Value each : several ? entry.key.items() : std::span<const Value>(one)) {
    key.push_back(put_of(each));
    const auto type = cell_type_of(key.back());
    if (!type) return object.unsupported("mapping", "numbers and texts as keys", describe(each));
    types.push_back(*type);
  }
  if (mapping.keys.empty()) mapping.keys = types;
  if (mapping.keys != types) {
    return object.unsupported("mapping", "keys of one type", describe(entry.key));
  }
  LookupCell value = put_of(entry.value);
  if (const auto type = cell_type_of(value)) {
    if (mapping.values && *mapping.values != *type) {
      return object.unsupported("mapping", "values of one type", describe(entry.value));
    }
    mapping.values = type;
    mapping.kind = number_kind_of(entry.value);
  }
  mapping.rules.mapping.emplace_back(std::move(key), std::move(value));
  return {};
}

Made read_lookup(const Object& object, Reader&) {
  TRY_ASSIGN(const Value value, object.get("mapping"));
  if (!value.is(pickle::Kind::Dict) || value.entries().empty()) {
    return object.unexpected("mapping", "a dict with entries", value);
  }
  Mapping mapping;
  for (const pickle::Entry& entry : value.entries()) TRY(read_pair(object, entry, mapping));
  mapping.rules.absent_stays = object.class_name() == "FilterLookupTransformer";
  if (const auto absent = object.find("default_value")) mapping.rules.absent = put_of(*absent);
  const auto absent = cell_type_of(mapping.rules.absent);
  mapping.rules.type = mapping.values.value_or(absent.value_or(ColumnType::Number));
  if (absent && *absent != mapping.rules.type) {
    return object.unsupported("default_value", "a value like those of the mapping",
                              describe(*object.find("default_value")));
  }
  if (mapping.rules.absent_stays &&
      (mapping.keys.size() != 1 || mapping.keys.front() != mapping.rules.type)) {
    return object.unexpected("mapping", "values like its keys", value);
  }
  return std::make_unique<LookedUp>(std::move(mapping.rules), std::move(mapping.keys),
                                    mapping.kind);
}

// PMMLLabelEncoder: the position of a class; what is missing or unknown becomes missing_values.
class LabelEncoded final : public Transformer {
 public:
  LabelEncoded(plan::Lookup::Rules rules, ColumnType type)
      : function_(std::make_shared<plan::Lookup>(std::move(rules))), type_(type) {}

 private:
  base::Result<Port> transform(Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port port, builder.cells(input, std::span(&type_, 1)));
    Port made = map_all(builder, port, function_, NumberKind::Float);
    made.names = port.names;
    return made;
  }

  std::shared_ptr<const plan::Lookup> function_;
  ColumnType type_;
};

Made read_label_encoder(const Object& object, Reader&) {
  TRY_ASSIGN(const Value value, object.get("classes_"));
  TRY_ASSIGN(const Values classes, read_values(object, "classes_", value));
  plan::Lookup::Rules rules;
  rules.type = ColumnType::Number;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const auto code = static_cast<double>(i);
    const LookupCell key =
        classes.is_text() ? LookupCell(classes.texts[i]) : LookupCell(classes.numbers[i]);
    rules.mapping.push_back({{key}, code});
  }
  if (const auto missing = object.find("missing_values")) {
    rules.absent = put_of(*missing);
    if (!std::holds_alternative<double>(rules.absent)) {
      return object.unsupported("missing_values", "a number or None", describe(*missing));
    }
    // What is missing as well, which a lookup gives as missing.
    return object.unsupported("missing_values", "None", describe(*missing));
  }
  return std::make_unique<LabelEncoded>(std::move(rules),
                                        classes.is_text() ? ColumnType::Text : ColumnType::Number);
}

// PMMLLabelBinarizer: a column for each class; what is missing or unknown sets none.
class LabelBinarized final : public Transformer {
 public:
  LabelBinarized(plan::Categories classes, std::size_t width, bool sparse)
      : classes_(std::move(classes)), width_(width), sparse_(sparse) {}

 private:
  base::Result<Port> transform(Builder& builder, const Port& input) const override {
    const ColumnType type = classes_.type();
    TRY_ASSIGN(const Port port, builder.cells(input, std::span(&type, 1)));
    builder.know_categories(input, 0, classes_);
    plan::OneHot::Column column{.categories = classes_};
    column.unknown_refused = false;
    std::vector<plan::OneHot::Column> columns;
    columns.push_back(std::move(column));
    Port made = builder.add(std::make_shared<plan::OneHot>(std::move(columns), width_), port,
                            Form::Sparse, width_);
    return sparse_ ? base::Result<Port>(made) : builder.dense(made);
  }

  plan::Categories classes_;
  std::size_t width_;
  bool sparse_;
};

Made read_label_binarizer(const Object& object, Reader&) {
  TRY_ASSIGN(const Value value, object.get("classes_"));
  TRY_ASSIGN(const Values classes, read_values(object, "classes_", value));
  TRY_ASSIGN(const bool sparse, object.flag_or("sparse_output", false));
  std::vector<std::pair<double, std::int32_t>> numbers;
  std::vector<std::pair<std::string, std::int32_t>> texts;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const auto code = static_cast<std::int32_t>(i);
    if (classes.is_text()) texts.emplace_back(classes.texts[i], code);
    if (!classes.is_text()) numbers.emplace_back(classes.numbers[i], code);
  }
  auto categories = classes.is_text() ? plan::Categories::of_texts(std::move(texts))
                                      : plan::Categories::of_numbers(numbers);
  return std::make_unique<LabelBinarized>(std::move(categories), classes.size(), sparse);
}

constexpr Entry kPmmlLookup[] = {
    {"sklearn2pmml", "FilterLookupTransformer", read_lookup},
    {"sklearn2pmml", "LookupTransformer", read_lookup},
    {"sklearn2pmml", "MultiLookupTransformer", read_lookup},
    {"sklearn2pmml", "PMMLLabelBinarizer", read_label_binarizer},
    {"sklearn2pmml", "PMMLLabelEncoder", read_label_encoder},
};

}  // namespace

std::span<const Entry> pmml_lookup_entries() { return kPmmlLookup; }

}  // namespace companions
