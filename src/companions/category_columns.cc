#include "companions/category_columns.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "base/text.h"
#include "companions/transformer.h"
#include "plan/constant.h"
#include "plan_cells/encode_rows.h"

namespace companions {
namespace {

using fitted::PandasCell;
using plan::EncodeRows;

class CategoryEncoder final : public Transformer {
 public:
  struct Fitted {
    std::vector<CategoryColumn> columns;
    EncoderInput input;                       // All columns it was fitted with.
    std::unordered_set<std::string> dropped;  // Of the output.
    bool intercept = false;                   // A column of ones comes first.
  };
  explicit CategoryEncoder(Fitted fitted) : fitted_(std::move(fitted)) {
    for (std::size_t i = 0; i < fitted_.columns.size(); ++i) {
      by_name_.emplace(fitted_.columns[i].name, i);
    }
  }

 private:
  base::Result<Port> transform(Builder& builder, const Port& from) const override {
    TRY_ASSIGN(const Port input, fitted_.input.declare(builder, from));
    const std::vector<std::string>& names = fitted_.input.names;
    std::vector<Port> ports;
    std::vector<std::size_t> kept;
    std::size_t width = 0;
    for (std::size_t c = 0; c < names.size(); ++c) {
      TRY_ASSIGN(Port port, builder.select(input, std::span<const std::size_t>(&c, 1)));
      if (const CategoryColumn* column = find(names[c])) {
        TRY_ASSIGN(port, encoded(builder, port, *column));
      } else {
        port.names = {names[c]};
      }
      for (std::size_t i = 0; i < port.width; ++i, ++width) {
        if (!is_dropped(port.names[i])) kept.push_back(width);
      }
      ports.push_back(std::move(port));
    }
    if (fitted_.intercept) {
      const auto slot = std::find_if(ports.begin(), ports.end(), [](const Port& each) {
        return each.kind == Port::Kind::Slot;
      });
      if (slot == ports.end()) {
        return base::Error(base::Code::Unsupported, "\"cols\": expected a column, got none");
      }
      Port ones = builder.add(std::make_shared<plan::Constant>(std::vector<double>{1}), *slot,
                              Form::Dense, 1, {"intercept"});
      ports.insert(ports.begin(), std::move(ones));
      for (std::size_t& each : kept) ++each;
      kept.insert(kept.begin(), 0);
      ++width;
    }
    TRY_ASSIGN(const Port all, builder.hstack(ports));
    return kept.size() == width ? base::Result<Port>(all) : builder.select(all, kept);
  }

  const CategoryColumn* find(const std::string& name) const {
    const auto at = by_name_.find(name);
    return at == by_name_.end() ? nullptr : &fitted_.columns[at->second];
  }
  bool is_dropped(const std::string& name) const { return fitted_.dropped.contains(name); }

  static base::Result<Port> encoded(Builder& builder, const Port& input,
                                    const CategoryColumn& column) {
    if (column.step != nullptr) {
      constexpr ColumnType kText = ColumnType::Text;
      TRY_ASSIGN(const Port texts, builder.cells(input, std::span(&kText, 1)));
      return builder.add(column.step, texts, Form::Dense, column.outputs.size(), column.outputs);
    }
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
  std::unordered_map<std::string, std::size_t> by_name_;  // Of the columns.
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

// Contrasts had a column of ones before 2.7, which says so in the names of its output.
bool has_intercept(const Object& object) {
  const std::string_view name = object.class_name();
  const bool contrast = name == "BackwardDifferenceEncoder" || name == "HelmertEncoder" ||
                        name == "PolynomialEncoder" || name == "SumEncoder";
  if (!contrast) return false;
  for (const char* attribute : {"feature_names_out_", "feature_names"}) {
    const auto names = object.find(attribute);
    const auto items = names ? values_of(*names) : base::Result<std::vector<Value>>({});
    if (items.ok() && !items->empty()) return items->front().as_string() == "intercept";
  }
  return false;
}

}  // namespace

std::optional<std::string> column_label(Value value) {
  if (const auto text = value.as_string()) return std::string(*text);
  if (const auto number = value.as_int()) return std::to_string(*number);
  return std::nullopt;
}

std::optional<Value> of_column(Value dict, const std::string& name) {
  for (const pickle::Entry& entry : dict.entries()) {
    if (column_label(entry.key) == name) return entry.value;
  }
  return std::nullopt;
}

namespace {

// The labels, and whether one of them is a number.
base::Result<EncoderInput> read_labels(const Object& object, std::string_view attribute) {
  TRY_ASSIGN(const Value value, object.get(attribute));
  const auto cells = fitted::cells_of(value);
  if (!cells.ok()) return object.unexpected(attribute, "names of columns", value);
  EncoderInput input;
  for (const PandasCell& cell : *cells) {
    if (const auto* text = std::get_if<std::string>(&cell)) {
      input.names.push_back(*text);
    } else if (const double* number = std::get_if<double>(&cell)) {
      input.names.push_back(fmt::format("{}", *number));
      input.numbered = true;
    } else {
      return object.unexpected(attribute, "names of columns", value);
    }
  }
  return input;
}

}  // namespace

base::Result<std::vector<std::string>> column_labels(const Object& object,
                                                     std::string_view attribute) {
  TRY_ASSIGN(auto input, read_labels(object, attribute));
  return std::move(input.names);
}

base::Result<Port> EncoderInput::declare(Builder& builder, const Port& from) const {
  if (numbered) return builder.declare(from, names.size());
  const Port input = builder.declare(from, names);
  if (input.width == names.size()) return input;
  return base::Error(
      base::Code::Corrupt,
      fmt::format("\"feature_names_in_\": expected {} columns, got {}", names.size(), input.width));
}

base::Result<EncoderInput> read_encoder_input(const Object& object,
                                              const std::vector<std::string>& encoded) {
  EncoderInput input;
  if (object.has("feature_names_in_")) {
    TRY_ASSIGN(input, read_labels(object, "feature_names_in_"));
  } else {
    input.names = encoded;
    const auto width = object.find("_dim");
    if (!width || width->as_int() != static_cast<std::int64_t>(encoded.size())) {
      return object.unsupported("feature_names_in_", "the names of the columns", "none");
    }
  }
  const std::unordered_set<std::string> names(input.names.begin(), input.names.end());
  for (const std::string& name : encoded) {
    if (!names.contains(name)) {
      return object.unexpected("cols", "columns it was fitted with", base::quote(name));
    }
  }
  return input;
}

base::Result<EncoderTreatment> treatment_of(const Object& object, std::string_view attribute,
                                            std::optional<Value> value) {
  if (!value || value->is_none()) return EncoderTreatment{"value", std::nullopt};
  if (const auto word = value->as_string()) return EncoderTreatment{std::string(*word), {}};
  if (const auto number = value->as_float()) return EncoderTreatment{"", *number};
  return object.unsupported(attribute, "a word or a number", describe(*value));
}

std::optional<double> encoder_number(const PandasCell& cell) {
  const double* number = std::get_if<double>(&cell);
  return number == nullptr ? std::nullopt : std::optional(*number);
}

base::Result<void> read_lumped(const Object& object, std::string_view attribute,
                               CategoryColumn& column) {
  const auto all = object.find(attribute);
  const auto lumped = all ? of_column(*all, column.name) : std::nullopt;
  if (!lumped) return {};
  // The first row of each text: a file may have as many groups as it has categories.
  std::unordered_map<std::string, std::size_t> first;
  for (std::size_t i = 0; i < column.rows.size(); ++i) {
    if (const auto* text = std::get_if<std::string>(&column.rows[i].first)) first.emplace(*text, i);
  }
  for (const pickle::Entry& entry : lumped->entries()) {
    const auto group = entry.value.as_string();
    const auto text = entry.key.as_string();
    if (!group || !text) {
      return object.unsupported(attribute, "texts", describe(entry.key));
    }
    const auto of_group = first.find(std::string(*group));
    if (of_group == first.end()) continue;
    // Of its own: the rows that it is one of grow.
    auto row = column.rows[of_group->second].second;
    first.emplace(*text, column.rows.size());
    column.rows.emplace_back(std::string(*text), std::move(row));
  }
  return {};
}

base::Result<void> refuse_composites(const Object& object) {
  for (const char* attribute : {"composite_members_", "composite_cols"}) {
    const auto value = object.find(attribute);
    if (value && (!value->items().empty() || !value->entries().empty())) {
      return object.unsupported(attribute, "None", describe(*value));
    }
  }
  return {};
}

base::Result<std::vector<std::string>> read_dropped(const Object& object) {
  TRY_ASSIGN(const bool drop, object.flag_or("drop_invariant", false));
  for (const char* attribute : {"invariant_cols", "drop_cols"}) {
    if (drop && object.has(attribute)) return column_labels(object, attribute);
  }
  return std::vector<std::string>();
}

Made make_category_encoder(const Object& object, std::vector<CategoryColumn> columns) {
  CategoryEncoder::Fitted fitted;
  TRY(refuse_composites(object));
  for (CategoryColumn& column : columns) {
    if (!is_mixed(column)) continue;
    return object.unsupported("mapping", "numbers or texts, not both in one column",
                              fmt::format("both in {}", base::quote(column.name)));
  }
  std::vector<std::string> encoded;
  for (const CategoryColumn& column : columns) encoded.push_back(column.name);
  TRY_ASSIGN(fitted.input, read_encoder_input(object, encoded));
  TRY_ASSIGN(auto dropped, read_dropped(object));
  fitted.dropped.insert(std::move_iterator(dropped.begin()), std::move_iterator(dropped.end()));
  fitted.intercept = has_intercept(object);
  fitted.columns = std::move(columns);
  return std::make_unique<CategoryEncoder>(std::move(fitted));
}

}  // namespace companions
