// Statistics of the target by category, as a cbm file keeps them. TCtrFeature in the model says
// which column is computed how; behind the model stand a count of four bytes and, for each table, a
// length of four bytes and a FlatBuffers TCtrValueTable:
//
//   what it is of: categories, float splits, one-hot splits, and the kind of statistic
//   buckets: an open hash, (u64 hash, u32 number of the bucket); all ones: a free place
//   values: of each bucket an i32 for each class (Borders, Buckets), one (Counter, Freq), or a sum
//   f32 and a count i32 (means)
//   denominator, count of classes

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "forest/catboost_parts.h"

namespace forest {
namespace {

enum CtrFeatureField : std::size_t { CtrOf, CtrBorders };
enum CtrField : std::size_t {
  CtrBase,
  CtrClass,
  CtrPrior,
  CtrPriorDenominator,
  CtrShift,
  CtrScale
};
enum BaseField : std::size_t { BaseCombination, BaseKind };
enum CombinationField : std::size_t { OfCategories, OfFloatSplits, OfOneHotSplits };
enum TableField : std::size_t {
  TableBase,
  TableBuckets,
  TableValues,
  TableDenominator,
  TableClasses
};

base::Error corrupt_ctr(std::string message) { return {base::Code::Corrupt, std::move(message)}; }

template <typename T>
T ctr_word(std::string_view bytes, std::size_t at) {
  T value{};
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

base::Result<CatCombination> read_combination(const std::optional<FlatTable>& base,
                                              CatBudget& budget) {
  if (!base) return corrupt_ctr("statistics: expected what they are of, got nothing");
  CatCombination combination;
  TRY_ASSIGN(const auto kind, base->number<std::int8_t>(BaseKind, 0));
  if (kind < 0 || kind > static_cast<std::int8_t>(CatCtrKind::Freq)) {
    return corrupt_ctr(fmt::format("statistics: expected one of six kinds, got {}", kind));
  }
  combination.kind = static_cast<CatCtrKind>(kind);
  TRY_ASSIGN(const auto of, base->table(BaseCombination));
  if (!of) return combination;
  TRY_ASSIGN(combination.categories, of->numbers<std::uint32_t>(OfCategories));
  TRY_ASSIGN(const auto floats, of->bytes(OfFloatSplits, 8));
  TRY_ASSIGN(const auto one_hots, of->bytes(OfOneHotSplits, 8));
  TRY(budget.spend(4 * combination.categories.size() + floats.size() + one_hots.size()));
  for (std::size_t at = 0; at < floats.size(); at += 8) {
    combination.float_splits.push_back(
        {ctr_word<std::uint32_t>(floats, at), ctr_word<float>(floats, at + 4)});
  }
  for (std::size_t at = 0; at < one_hots.size(); at += 8) {
    combination.one_hot_splits.push_back(
        {ctr_word<std::uint32_t>(one_hots, at), ctr_word<std::int32_t>(one_hots, at + 4)});
  }
  return combination;
}

base::Result<void> read_values(const FlatTable& from, CatCtrTable& table) {
  const CatCtrKind kind = table.combination.kind;
  if (kind == CatCtrKind::BinarizedMean || kind == CatCtrKind::FloatMean) {
    TRY_ASSIGN(const auto means, from.bytes(TableValues, 1));
    for (std::size_t at = 0; at + 8 <= means.size(); at += 8) {
      table.sums.push_back(ctr_word<float>(means, at));
      table.counts.push_back(ctr_word<std::int32_t>(means, at + 4));
    }
    return {};
  }
  TRY_ASSIGN(const auto values, from.bytes(TableValues, 1));
  for (std::size_t at = 0; at + 4 <= values.size(); at += 4) {
    table.counts.push_back(ctr_word<std::int32_t>(values, at));
  }
  if (kind == CatCtrKind::Counter || kind == CatCtrKind::Freq) return {};
  TRY_ASSIGN(const auto classes, from.number<std::int32_t>(TableClasses, 0));
  if (classes < 2 ||
      static_cast<std::size_t>(classes) > std::max<std::size_t>(2, table.counts.size())) {
    return corrupt_ctr(
        fmt::format("statistics: expected at least 2 classes, and a count for each, "
                    "got {}",
                    classes));
  }
  table.classes = static_cast<std::size_t>(classes);
  return {};
}

base::Result<void> read_buckets(std::string_view bytes, CatCtrTable& table) {
  // Either is what the writer's compiler made of it.
  const std::size_t width = bytes.size() % 12 == 0 ? 12 : 16;
  const std::size_t buckets = table.counts.size() / table.classes;
  for (std::size_t at = 0; at + width <= bytes.size(); at += width) {
    const auto hash = ctr_word<std::uint64_t>(bytes, at);
    if (hash == std::numeric_limits<std::uint64_t>::max()) continue;
    const auto bucket = ctr_word<std::uint32_t>(bytes, at + 8);
    if (bucket >= buckets) {
      return corrupt_ctr(
          fmt::format("statistics: expected a bucket below {}, got {}", buckets, bucket));
    }
    table.buckets.emplace(hash, bucket);
  }
  return {};
}

base::Result<CatCtrTable> read_ctr_table(std::string_view bytes, CatBudget& budget) {
  TRY_ASSIGN(const FlatTable from, FlatTable::root(bytes));
  CatCtrTable table;
  TRY_ASSIGN(const auto base, from.table(TableBase));
  TRY_ASSIGN(table.combination, read_combination(base, budget));
  TRY(read_values(from, table));
  TRY_ASSIGN(const auto buckets, from.bytes(TableBuckets, 1));
  TRY(budget.spend(buckets.size() + 4 * table.counts.size()));
  TRY(read_buckets(buckets, table));
  TRY_ASSIGN(table.denominator, from.number<std::int32_t>(TableDenominator, 0));
  return table;
}

}  // namespace

base::Result<std::vector<CatCtrFeature>> read_ctr_features(const FlatTable& trees,
                                                           CatBudget& budget) {
  TRY_ASSIGN(const auto tables, trees.tables(CtrFeatures));
  std::vector<CatCtrFeature> features;
  for (const FlatTable& each : tables) {
    CatCtrFeature feature;
    TRY_ASSIGN(const auto ctr, each.table(CtrOf));
    if (!ctr) return corrupt_ctr("statistics: expected how they are computed, got nothing");
    TRY_ASSIGN(const auto base, ctr->table(CtrBase));
    TRY_ASSIGN(feature.combination, read_combination(base, budget));
    TRY_ASSIGN(const auto border, ctr->number<std::int32_t>(CtrClass, 0));
    if (border < 0) return corrupt_ctr(fmt::format("statistics: expected a class, got {}", border));
    feature.ctr.border = static_cast<std::size_t>(border);
    TRY_ASSIGN(feature.ctr.prior, ctr->number<float>(CtrPrior, 0.0F));
    TRY_ASSIGN(feature.ctr.prior_denominator, ctr->number<float>(CtrPriorDenominator, 1.0F));
    TRY_ASSIGN(feature.ctr.shift, ctr->number<float>(CtrShift, 0.0F));
    TRY_ASSIGN(feature.ctr.scale, ctr->number<float>(CtrScale, 1.0F));
    TRY_ASSIGN(feature.borders, each.numbers<float>(CtrBorders));
    TRY(budget.spend(4 * feature.borders.size() + 64));
    features.push_back(std::move(feature));
  }
  return features;
}

base::Result<std::vector<CatCtrTable>> read_ctr_tables(std::string_view bytes, CatBudget& budget) {
  const auto take = [&](std::size_t count) -> base::Result<std::string_view> {
    if (count > bytes.size()) return corrupt_ctr("statistics: the file ends within them");
    const std::string_view taken = bytes.substr(0, count);
    bytes.remove_prefix(count);
    return taken;
  };
  TRY_ASSIGN(const auto head, take(4));
  const auto count = ctr_word<std::uint32_t>(head, 0);
  std::vector<CatCtrTable> tables;
  for (std::uint32_t i = 0; i < count; ++i) {
    TRY_ASSIGN(const auto size, take(4));
    TRY_ASSIGN(const auto table_bytes, take(ctr_word<std::uint32_t>(size, 0)));
    TRY_ASSIGN(auto table, read_ctr_table(table_bytes, budget));
    tables.push_back(std::move(table));
  }
  return tables;
}

}  // namespace forest
