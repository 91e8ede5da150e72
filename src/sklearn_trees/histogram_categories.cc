#include "sklearn_trees/histogram_categories.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace sklearn {
namespace {

using pickle::Value;

// A mask of the features.
base::Result<std::vector<bool>> read_hist_mask(const Object& object, std::string_view attribute,
                                               std::size_t features) {
  TRY_ASSIGN(const auto flags, object.doubles(attribute, features));
  std::vector<bool> mask(features, false);
  for (std::size_t f = 0; f < features; ++f) mask[f] = flags[f] != 0;
  return mask;
}

// The categories of training: of a feature of categories they stand where others have thresholds.
base::Result<std::vector<forest::CategoryBits>> read_known_bits(const Object& mapper,
                                                                const std::vector<bool>& mask) {
  TRY_ASSIGN(const auto thresholds, mapper.list("bin_thresholds_"));
  if (thresholds.size() != mask.size()) {
    return mapper.unexpected("bin_thresholds_", fmt::format("{} lists", mask.size()),
                             std::to_string(thresholds.size()));
  }
  std::vector<forest::CategoryBits> known(mask.size(), forest::CategoryBits{});
  for (std::size_t f = 0; f < mask.size(); ++f) {
    if (!mask[f]) continue;
    TRY_ASSIGN(const auto categories, doubles_of(thresholds[f]));
    for (const double category : categories) {
      if (!(category >= 0 && category < 256)) continue;
      const auto bit = static_cast<std::size_t>(category);
      known[f][bit / 32] |= std::uint32_t{1} << (bit % 32);
    }
  }
  return known;
}

// The categories of one column in the order of their codes. Missing is unknown like any other:
// both are NaN to the trees.
base::Result<plan::Categories> read_hist_encoder(const Object& encoder, Value value) {
  auto labels = doubles_of(value);
  if (labels.ok()) {
    std::vector<std::pair<double, std::int32_t>> codes;
    for (std::size_t k = 0; k < labels->size(); ++k) {
      if (!std::isnan((*labels)[k])) {
        codes.emplace_back((*labels)[k], static_cast<std::int32_t>(k));
      }
    }
    return plan::Categories::of_numbers(codes);
  }
  std::vector<std::pair<std::string, std::int32_t>> codes;
  if (auto texts = texts_of(value); texts.ok()) {
    for (std::size_t k = 0; k < texts->size(); ++k) {
      codes.emplace_back((*texts)[k], static_cast<std::int32_t>(k));
    }
    return plan::Categories::of_texts(std::move(codes));
  }
  TRY_ASSIGN(const auto items, values_of(value));
  for (std::size_t k = 0; k < items.size(); ++k) {
    const auto text = items[k].as_string();
    const auto number = items[k].as_float();
    if (items[k].is_none() || (number && std::isnan(*number))) continue;
    if (!text) {
      return encoder.unsupported("categories_", "numbers or texts, not both in one column",
                                 describe(items[k]));
    }
    codes.emplace_back(*text, static_cast<std::int32_t>(k));
  }
  return plan::Categories::of_texts(std::move(codes));
}

// The OrdinalEncoder of the ColumnTransformer that stands before the trees.
base::Result<Object> find_hist_encoder(const Object& object) {
  TRY_ASSIGN(const Value value, object.get("_preprocessor"));
  TRY_ASSIGN(const Object preprocessor, Object::of(value, object.release()));
  TRY_ASSIGN(const auto transformers, preprocessor.list("transformers_"));
  for (const Value each : transformers) {
    const auto parts = each.items();
    if (parts.size() != 3 || parts[0].as_string() != "encoder") continue;
    return Object::of(parts[1], object.release());
  }
  return preprocessor.unexpected("transformers_", "an \"encoder\"", value);
}

// Since 1.4: categories first, then numbers.
base::Result<void> read_hist_encoders(const Object& object, const std::vector<bool>& mask,
                                      HistCategories& categories) {
  TRY_ASSIGN(const Object encoder, find_hist_encoder(object));
  TRY_ASSIGN(const auto lists, encoder.list("categories_"));
  categories.encoders.resize(mask.size());
  for (std::size_t f = 0; f < mask.size(); ++f) {
    if (!mask[f]) continue;
    if (categories.original.size() < lists.size()) {
      TRY_ASSIGN(categories.encoders[f],
                 read_hist_encoder(encoder, lists[categories.original.size()]));
    }
    categories.original.push_back(f);
  }
  if (categories.original.size() != lists.size()) {
    return encoder.unexpected("categories_", fmt::format("{} lists", categories.original.size()),
                              std::to_string(lists.size()));
  }
  for (std::size_t f = 0; f < mask.size(); ++f) {
    if (!mask[f]) categories.original.push_back(f);
  }
  return {};
}

}  // namespace

base::Result<HistCategories> read_hist_categories(const Object& object, std::size_t features) {
  HistCategories categories;
  if (!object.has("is_categorical_")) return categories;
  TRY_ASSIGN(const std::vector<bool> mask, read_hist_mask(object, "is_categorical_", features));
  if (std::find(mask.begin(), mask.end(), true) == mask.end()) return categories;
  std::vector<bool> tree_mask = mask;
  if (object.has("_preprocessor")) {
    TRY(read_hist_encoders(object, mask, categories));
    for (std::size_t f = 0; f < features; ++f) tree_mask[f] = mask[categories.original[f]];
  } else {
    categories.negative_is_missing = object.release() >= Release{1, 3};
    for (std::size_t f = 0; f < features; ++f) {
      if (mask[f]) categories.features.push_back(f);
    }
  }
  const char* attribute = object.has("_bin_mapper") ? "_bin_mapper" : "bin_mapper_";
  TRY_ASSIGN(const Value value, object.get(attribute));
  TRY_ASSIGN(const Object mapper, Object::of(value, object.release()));
  TRY_ASSIGN(categories.known, read_known_bits(mapper, tree_mask));
  return categories;
}

}  // namespace sklearn
