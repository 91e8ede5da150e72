#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "forest/ensemble.h"

namespace forest {

// A decision that a combination of categories may hold too: feature `column` of the ensemble's
// rows is above `border`, or (categories) category `feature` has this hash.
struct CatFloatSplit {
  std::uint32_t column = 0;
  float border = 0;
  bool operator==(const CatFloatSplit&) const = default;
};
struct CatOneHotSplit {
  std::uint32_t feature = 0;
  std::int32_t hash = 0;
  bool operator==(const CatOneHotSplit&) const = default;
};

enum class CatCtrKind : std::uint8_t { Borders, Buckets, BinarizedMean, FloatMean, Counter, Freq };

// What a statistic of the target is kept for: categories and decisions together.
struct CatCombination {
  std::vector<std::uint32_t> categories;  // Categorical features, by their number.
  std::vector<CatFloatSplit> float_splits;
  std::vector<CatOneHotSplit> one_hot_splits;
  CatCtrKind kind = CatCtrKind::Borders;
  bool operator==(const CatCombination&) const = default;
};

// A statistic of the target for each combination that was seen.
struct CatCtrTable {
  CatCombination combination;
  std::unordered_map<std::uint64_t, std::uint32_t> buckets;  // By the combination's hash.
  std::vector<std::int32_t> counts;                          // Buckets x classes.
  std::vector<float> sums;                                   // Means: one for each bucket.
  std::size_t classes = 1;                                   // Counts for each bucket.
  std::int32_t denominator = 0;
};

// A column that is computed of categories: (count + prior) / (total + denominator), moved.
struct CatCtr {
  std::size_t table = 0;
  std::size_t border = 0;  // Which class counts, or from which on.
  float prior = 0;
  float prior_denominator = 1;
  float shift = 0;
  float scale = 1;
};

// One categorical feature whose categories are compared one by one.
struct CatOneHot {
  std::uint32_t feature = 0;
  std::vector<std::int32_t> hashes;
};

// A CatBoost model. Its ensemble reads, for each row, the float features, then for each of
// `one_hots` the position of the category's hash there (NaN: none of them), then `ctrs`.
struct CatModel {
  Ensemble ensemble;                          // Has passed check().
  std::vector<std::size_t> float_columns;     // Where each float feature is among all columns.
  std::vector<std::size_t> category_columns;  // The same of categorical features.
  std::size_t columns = 0;                    // All of them.
  std::vector<std::string> names;             // Of the columns; empty where only numbers are known.
  std::vector<CatOneHot> one_hots;
  std::vector<CatCtr> ctrs;
  std::vector<CatCtrTable> tables;
  double scale = 1;            // answer = sum * scale + bias
  std::vector<double> biases;  // One for each output.
  std::string loss;            // "Logloss"; empty where the file does not say.
  // Of classes, where the file names them.
  std::variant<std::monostate, std::vector<std::int64_t>, std::vector<double>,
               std::vector<std::string>>
      classes;
  bool boolean_classes = false;  // 0 and 1 are false and true.
  std::vector<std::pair<std::string, std::string>> info;
};

// CatBoost's cbm file: "CBM1", a length of four bytes, a FlatBuffers model of that length, and
// tables of statistics. Refuses text, embedding and estimated features. Time and memory are linear
// in the bytes.
base::Result<CatModel> parse_catboost(std::string_view bytes);

bool is_catboost(std::string_view bytes);

// What CatBoost takes a category for: 32 bits of CityHash64 (version 1) of its text.
std::int32_t catboost_hash(std::string_view category);

}  // namespace forest
