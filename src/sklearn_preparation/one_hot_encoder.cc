#include "sklearn_preparation/one_hot_encoder.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan_cells/one_hot.h"
#include "sklearn_preparation/categories.h"
#include "sklearn_values/feature_names.h"

namespace sklearn {
namespace {

using pickle::Value;
using plan::Builder;
using plan::Form;
using plan::Method;
using plan::OneHot;
using plan::Port;

constexpr std::size_t kFeaturesMax = 100'000'000;

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

// What the features of each column are called by, in their order; of none where there are many, or
// somebody's own function makes names of them.
using Suffixes = std::vector<std::vector<std::string>>;

class OneHotEncoder final : public Estimator {
 public:
  // `sparse`: what scikit-learn's own leaves.
  OneHotEncoder(std::vector<OneHot::Column> columns, std::size_t width, Suffixes suffixes,
                bool sparse)
      : columns_(std::move(columns)),
        width_(width),
        suffixes_(std::move(suffixes)),
        sparse_(sparse) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    std::vector<data::ColumnType> types;
    for (const OneHot::Column& column : columns_) types.push_back(column.categories.type());
    TRY_ASSIGN(const Port port, builder.cells(input, types));
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      builder.know_categories(input, c, columns_[c].categories);
    }
    std::vector<OneHot::Column> columns = columns_;
    for (std::size_t c = 0; c < columns.size() && c < port.names.size(); ++c) {
      columns[c].name = port.names[c];
    }
    Port hot = builder.add(std::make_shared<OneHot>(std::move(columns), width_), port, Form::Sparse,
                           width_, names(port));
    hot.spread = !sparse_;
    return hot;
  }

  // <column>_<category>
  std::vector<std::string> names(const Port& port) const {
    std::vector<std::string> names;
    if (width_ > plan::kNamedFeaturesMax || suffixes_.size() != columns_.size()) return names;
    for (const auto& each : suffixes_) {
      if (std::any_of(each.begin(), each.end(), is_too_long)) return names;
    }
    const auto inputs = names_of(port);
    for (std::size_t c = 0; c < suffixes_.size() && c < inputs.size(); ++c) {
      for (const std::string& suffix : suffixes_[c]) names.push_back(inputs[c] + "_" + suffix);
    }
    if (names.size() != width_) names.clear();
    return names;
  }

  std::vector<OneHot::Column> columns_;
  std::size_t width_;
  Suffixes suffixes_;
  bool sparse_;
};

plan::Categories place(const FittedCategories& listed, const Grouping& grouping,
                       std::int32_t first) {
  std::vector<std::int32_t> codes;
  for (const std::int32_t group : grouping.group) {
    const std::int32_t column = grouping.column(group);
    codes.push_back(column == OneHot::kNone ? OneHot::kNone : first + column);
  }
  return listed.with_codes(codes);
}

// What groups and drops categories, by column.
struct Rules {
  PerColumn mappings;
  std::vector<double> dropped;  // Of each column, or NaN; empty: of none.

  static base::Result<Rules> read(const Object& object, std::size_t columns) {
    Rules rules;
    TRY_ASSIGN(rules.mappings, PerColumn::read(object, "_default_to_infrequent_mappings", columns));
    // Which group, from 1.3 on; before that which category, but that in 1.1 and 1.2 these are
    // groups too.
    for (const char* attribute : {"_drop_idx_after_grouping", "drop_idx_"}) {
      if (!object.has(attribute)) continue;
      TRY_ASSIGN(rules.dropped, object.doubles(attribute, columns));
      return rules;
    }
    return rules;
  }
};

// Infrequent categories share one group, the last (1.1 and newer).
base::Result<Grouping> group(const Object& object, const Rules& rules, std::size_t i,
                             std::size_t categories) {
  Grouping grouping;
  grouping.groups = static_cast<std::int32_t>(categories);
  for (std::int32_t k = 0; k < grouping.groups; ++k) grouping.group.push_back(k);
  if (const auto mapping = rules.mappings[i]) {
    TRY_ASSIGN(grouping.group, read_groups(object, *mapping, categories));
    if (grouping.group.size() != categories) {
      return object.unexpected("_default_to_infrequent_mappings",
                               fmt::format("{} numbers", categories),
                               std::to_string(grouping.group.size()));
    }
    grouping.groups = 0;
    for (const std::int32_t each : grouping.group) {
      grouping.groups = std::max(grouping.groups, each + 1);
    }
    grouping.unknown = grouping.groups - 1;
  }
  if (rules.dropped.empty() || std::isnan(rules.dropped[i])) return grouping;
  const double dropped = rules.dropped[i];
  if (!(dropped >= 0 && dropped < static_cast<double>(grouping.groups))) {
    return object.unexpected("drop_idx_", "a position of a category", fmt::format("{}", dropped));
  }
  grouping.dropped = static_cast<std::int32_t>(dropped);
  return grouping;
}

// By the first category of each group that has a column; what is rare is so called.
std::vector<std::string> suffixes_of(const FittedCategories& listed, const Grouping& grouping) {
  std::vector<std::string> suffixes(static_cast<std::size_t>(std::max(0, grouping.columns())));
  for (std::size_t k = grouping.group.size(); k-- > 0;) {
    const std::int32_t column = grouping.column(grouping.group[k]);
    if (column == OneHot::kNone) continue;
    const bool rare = grouping.group[k] == grouping.unknown;
    suffixes[static_cast<std::size_t>(column)] = rare ? "infrequent_sklearn" : listed.name(k);
  }
  return suffixes;
}

struct Encoding {
  std::vector<OneHot::Column> columns;
  std::size_t width = 0;
  Suffixes suffixes;
};

base::Result<Encoding> read_encoding(const Object& object, std::string_view handle_unknown) {
  TRY_ASSIGN(const auto items, object.list("categories_"));
  TRY_ASSIGN(const Rules rules, Rules::read(object, items.size()));
  // "warn" did what "ignore" does before 1.8.
  const bool unknown_is_rare = handle_unknown == "infrequent_if_exist" ||
                               (handle_unknown == "warn" && object.release() >= Release{1, 8});
  Encoding encoding;
  const auto combiner = object.find("feature_name_combiner");
  bool named = !combiner || combiner->as_string() == "concat";
  for (std::size_t i = 0; i < items.size(); ++i) {
    TRY_ASSIGN(const FittedCategories listed, read_categories(object, "categories_", items[i]));
    TRY_ASSIGN(const Grouping grouping, group(object, rules, i, listed.size()));
    const auto first = static_cast<std::int32_t>(encoding.width);
    OneHot::Column column{.categories = place(listed, grouping, first)};
    column.unknown_refused = handle_unknown == "error";
    const std::int32_t unknown = grouping.column(grouping.unknown);
    if (unknown_is_rare && unknown != OneHot::kNone) column.unknown = first + unknown;
    encoding.columns.push_back(std::move(column));
    encoding.width += static_cast<std::size_t>(std::max(0, grouping.columns()));
    named = named && encoding.width <= plan::kNamedFeaturesMax;
    if (named) encoding.suffixes.push_back(suffixes_of(listed, grouping));
    if (encoding.width > kFeaturesMax) {
      return object.unexpected("categories_", fmt::format("at most {} in all", kFeaturesMax),
                               "more");
    }
  }
  return encoding;
}

// The columns of all that are kept: those that were seen, or with n_values all of them.
base::Result<std::vector<std::int64_t>> read_kept(const Object& object, Reader& reader,
                                                  std::int64_t most) {
  if (object.has("active_features_")) return object.integers("active_features_");
  std::vector<std::int64_t> kept;
  if (most < 0 || !reader.spend(static_cast<std::size_t>(most))) {
    return object.unsupported("n_values", "fewer values in all", std::to_string(most));
  }
  for (std::int64_t i = 0; i < most; ++i) kept.push_back(i);
  return kept;
}

// Before 0.20, and for integers in 0.20: value v of column c is column feature_indices_[c] + v of
// all, of which active_features_ are kept.
base::Result<Encoding> read_active_features(const Object& object, Reader& reader,
                                            std::string_view handle_unknown) {
  if (const auto which = object.find("categorical_features");
      which && which->as_string() != "all") {
    return object.unsupported("categorical_features", "\"all\"", describe(*which));
  }
  TRY_ASSIGN(const auto starts, object.integers("feature_indices_"));
  if (starts.size() < 2) return object.unexpected("feature_indices_", "two or more", "fewer");
  TRY_ASSIGN(const auto active, read_kept(object, reader, starts.back()));
  if (!std::is_sorted(active.begin(), active.end()) || active.size() > kFeaturesMax) {
    return object.unexpected("active_features_", "ascending positions", "others");
  }
  Encoding encoding{.columns = {}, .width = active.size()};
  for (std::size_t c = 0; c + 1 < starts.size(); ++c) {
    std::vector<std::pair<double, std::int32_t>> codes;
    if (starts[c] < 0 || starts[c + 1] < starts[c]) {
      return object.unexpected("feature_indices_", "ascending positions", "others");
    }
    for (auto at = std::lower_bound(active.begin(), active.end(), starts[c]);
         at != active.end() && *at < starts[c + 1]; ++at) {
      codes.emplace_back(static_cast<double>(*at - starts[c]),
                         static_cast<std::int32_t>(at - active.begin()));
    }
    OneHot::Column column{.categories = plan::Categories::of_numbers(codes)};
    column.unknown_refused = handle_unknown == "error";
    encoding.columns.push_back(std::move(column));
  }
  return encoding;
}

Made read_one_hot_encoder(const Object& object, Reader& reader) {
  TRY_ASSIGN(const std::string handle_unknown, object.text_or("handle_unknown", "error"));
  const bool has_categories = object.has("categories_");
  TRY_ASSIGN(Encoding encoding, has_categories
                                    ? read_encoding(object, handle_unknown)
                                    : read_active_features(object, reader, handle_unknown));
  // By its old name until 1.2 and by both until 1.4.
  TRY_ASSIGN(bool sparse, object.flag_or("sparse_output", true));
  if (!object.has("sparse_output")) {
    TRY_ASSIGN(sparse, object.flag_or("sparse", true));
  }
  return std::make_unique<OneHotEncoder>(std::move(encoding.columns), encoding.width,
                                         std::move(encoding.suffixes), sparse);
}

constexpr Entry kOneHotEncoder[] = {
    {"sklearn.preprocessing", "OneHotEncoder", read_one_hot_encoder},
};

}  // namespace

std::span<const Entry> one_hot_encoder_entries() { return kOneHotEncoder; }

}  // namespace sklearn
