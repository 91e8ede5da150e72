#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan/one_hot.h"
#include "sklearn/preprocessing.h"

namespace sklearn {
namespace {

using pickle::Value;
using plan::Builder;
using plan::Form;
using plan::Method;
using plan::OneHot;
using plan::Port;

// How the categories of one column become columns of the output, before they are placed.
struct Grouping {
  std::vector<std::int32_t> group;  // Of each category; groups count up from 0.
  std::int32_t groups = 0;
  std::int32_t dropped = -1;  // The group without a column.
  std::int32_t unknown = -1;  // The group of unknown categories, where they have one.

  // The group's column, counted from 0, or kNone.
  std::int32_t column(std::int32_t of) const {
    if (of < 0 || of == dropped) return OneHot::kNone;
    return dropped >= 0 && of > dropped ? of - 1 : of;
  }
  std::int32_t columns() const { return dropped >= 0 ? groups - 1 : groups; }
};

class OneHotEncoder final : public Estimator {
 public:
  OneHotEncoder(std::vector<OneHot::Column> columns, std::size_t width)
      : columns_(std::move(columns)), width_(width) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    std::vector<data::ColumnType> types;
    for (const OneHot::Column& column : columns_) types.push_back(column.categories.type());
    TRY_ASSIGN(const Port port, builder.cells(input, types));
    std::vector<OneHot::Column> columns = columns_;
    for (std::size_t c = 0; c < columns.size() && c < port.names.size(); ++c) {
      columns[c].name = port.names[c];
    }
    return builder.add(std::make_shared<OneHot>(std::move(columns), width_), port, Form::Sparse,
                       width_);
  }

  std::vector<OneHot::Column> columns_;
  std::size_t width_;
};

// The categories of one column, codes counting up: numbers, or texts with None and NaN among them.
struct Listed {
  std::vector<double> numbers;
  std::vector<std::optional<std::string>> texts;  // Nothing: a missing value.
  bool text = false;
  std::size_t size() const { return text ? texts.size() : numbers.size(); }
};

base::Result<Listed> list_categories(const Object& object, Value value) {
  Listed listed;
  if (auto numbers = doubles_of(value); numbers.ok()) {
    listed.numbers = *std::move(numbers);
    return listed;
  }
  listed.text = true;
  if (auto texts = texts_of(value); texts.ok()) {
    for (std::string& text : *texts) listed.texts.emplace_back(std::move(text));
    return listed;
  }
  TRY_ASSIGN(const auto items, values_of(value));
  for (const Value item : items) {
    const auto number = item.as_float();
    if (const auto text = item.as_string()) {
      listed.texts.emplace_back(std::string(*text));
    } else if (item.is_none() || (number && std::isnan(*number))) {
      listed.texts.emplace_back(std::nullopt);
    } else {
      return object.unsupported("categories_", "numbers or texts, not both in one column",
                                describe(item));
    }
  }
  return listed;
}

plan::Categories place(const Listed& listed, const Grouping& grouping, std::int32_t first) {
  const auto code = [&](std::size_t i) {
    const std::int32_t column = grouping.column(grouping.group[i]);
    return column == OneHot::kNone ? OneHot::kNone : first + column;
  };
  if (!listed.text) {
    std::vector<std::pair<double, std::int32_t>> codes;
    for (std::size_t i = 0; i < listed.numbers.size(); ++i) {
      codes.emplace_back(listed.numbers[i], code(i));
    }
    return plan::Categories::of_numbers(codes);
  }
  std::vector<std::pair<std::string, std::int32_t>> codes;
  std::optional<std::int32_t> missing;
  for (std::size_t i = 0; i < listed.texts.size(); ++i) {
    if (listed.texts[i]) {
      codes.emplace_back(*listed.texts[i], code(i));
    } else {
      missing = code(i);
    }
  }
  auto categories = plan::Categories::of_texts(std::move(codes));
  if (missing) categories.set_missing(*missing);
  return categories;
}

// Element `i` of a list attribute that may be absent, or hold None there.
base::Result<std::optional<Value>> element(const Object& object, std::string_view attribute,
                                           std::size_t i) {
  if (!object.has(attribute)) return std::optional<Value>();
  TRY_ASSIGN(const auto items, object.list(attribute));
  if (i >= items.size()) {
    return object.unexpected(attribute, fmt::format("more than {} elements", i),
                             std::to_string(items.size()));
  }
  return items[i].is_none() ? std::optional<Value>() : std::optional(items[i]);
}

// Infrequent categories share one group, the last (1.1 and newer).
base::Result<Grouping> group(const Object& object, std::size_t i, std::size_t categories) {
  Grouping grouping;
  grouping.groups = static_cast<std::int32_t>(categories);
  for (std::int32_t k = 0; k < grouping.groups; ++k) grouping.group.push_back(k);
  TRY_ASSIGN(const auto mapping, element(object, "_default_to_infrequent_mappings", i));
  if (mapping) {
    TRY_ASSIGN(const auto groups, doubles_of(*mapping));
    if (groups.size() != categories) {
      return object.unexpected("_default_to_infrequent_mappings",
                               fmt::format("{} numbers", categories),
                               std::to_string(groups.size()));
    }
    grouping.groups = 0;
    for (std::size_t k = 0; k < categories; ++k) {
      if (!(groups[k] >= 0 && groups[k] < static_cast<double>(categories))) {
        return object.unexpected("_default_to_infrequent_mappings", "group numbers",
                                 fmt::format("{}", groups[k]));
      }
      grouping.group[k] = static_cast<std::int32_t>(groups[k]);
      grouping.groups = std::max(grouping.groups, grouping.group[k] + 1);
    }
    grouping.unknown = grouping.groups - 1;
  }
  // drop_idx_ counts categories; from 1.1 on what counts is the group.
  TRY_ASSIGN(auto dropped, element(object, "_drop_idx_after_grouping", i));
  const bool grouped = dropped.has_value();
  if (!grouped && !object.has("_drop_idx_after_grouping")) {
    TRY_ASSIGN(dropped, element(object, "drop_idx_", i));
  }
  if (!dropped) return grouping;
  const auto index = dropped->as_int();
  if (!index || *index < 0 || static_cast<std::size_t>(*index) >= categories) {
    return object.unexpected("drop_idx_", "a position of a category", *dropped);
  }
  grouping.dropped = grouped ? static_cast<std::int32_t>(*index)
                             : grouping.group[static_cast<std::size_t>(*index)];
  return grouping;
}

struct Encoding {
  std::vector<OneHot::Column> columns;
  std::size_t width = 0;
};

base::Result<Encoding> read_categories(const Object& object, std::string_view handle_unknown) {
  TRY_ASSIGN(const auto items, object.list("categories_"));
  Encoding encoding;
  for (std::size_t i = 0; i < items.size(); ++i) {
    TRY_ASSIGN(const Listed listed, list_categories(object, items[i]));
    TRY_ASSIGN(const Grouping grouping, group(object, i, listed.size()));
    const auto first = static_cast<std::int32_t>(encoding.width);
    OneHot::Column column{.categories = place(listed, grouping, first)};
    column.unknown_refused = handle_unknown == "error";
    const std::int32_t unknown = grouping.column(grouping.unknown);
    if (handle_unknown != "ignore" && unknown != OneHot::kNone) column.unknown = first + unknown;
    encoding.columns.push_back(std::move(column));
    encoding.width += static_cast<std::size_t>(std::max(0, grouping.columns()));
  }
  return encoding;
}

// Before 0.20, and for integers in 0.20: value v of column c is column feature_indices_[c] + v of
// all, of which active_features_ are kept.
base::Result<Encoding> read_active_features(const Object& object, std::string_view handle_unknown) {
  TRY_ASSIGN(const auto starts, object.integers("feature_indices_"));
  TRY_ASSIGN(const auto active, object.integers("active_features_"));
  if (starts.size() < 2) return object.unexpected("feature_indices_", "two or more", "fewer");
  Encoding encoding{.columns = {}, .width = active.size()};
  for (std::size_t c = 0; c + 1 < starts.size(); ++c) {
    std::vector<std::pair<double, std::int32_t>> codes;
    for (std::size_t k = 0; k < active.size(); ++k) {
      if (active[k] >= starts[c] && active[k] < starts[c + 1]) {
        codes.emplace_back(static_cast<double>(active[k] - starts[c]),
                           static_cast<std::int32_t>(k));
      }
    }
    OneHot::Column column{.categories = plan::Categories::of_numbers(codes)};
    column.unknown_refused = handle_unknown == "error";
    encoding.columns.push_back(std::move(column));
  }
  return encoding;
}

}  // namespace

base::Result<std::unique_ptr<Estimator>> read_one_hot_encoder(const Object& object, Reader&) {
  TRY_ASSIGN(const std::string handle_unknown, object.text_or("handle_unknown", "error"));
  const bool has_categories = object.has("categories_");
  TRY_ASSIGN(Encoding encoding, has_categories ? read_categories(object, handle_unknown)
                                               : read_active_features(object, handle_unknown));
  return std::make_unique<OneHotEncoder>(std::move(encoding.columns), encoding.width);
}

}  // namespace sklearn
