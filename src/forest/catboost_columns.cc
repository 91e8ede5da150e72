#include "forest/catboost_columns.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

namespace forest {
namespace {

using std::rotr;

constexpr std::uint64_t kCity0 = 0xc3a5c85c97cb3127ULL;
constexpr std::uint64_t kCity1 = 0xb492b66fbe98f273ULL;
constexpr std::uint64_t kCity2 = 0x9ae16a3b2f90404fULL;
constexpr std::uint64_t kCity3 = 0xc949d7c7509e6557ULL;

// CityHash64 of version 1.0, which later versions do not agree with.
class CityHash {
 public:
  static std::uint64_t of(std::string_view text) {
    if (text.size() <= 16) return of_16(text);
    if (text.size() <= 32) return of_32(text);
    if (text.size() <= 64) return of_64(text);
    return of_long(text);
  }

 private:
  using Pair = std::pair<std::uint64_t, std::uint64_t>;

  static std::uint64_t word(std::string_view text, std::size_t at) {
    std::uint64_t value = 0;
    std::memcpy(&value, text.data() + at, sizeof value);
    return value;
  }
  static std::uint64_t half(std::string_view text, std::size_t at) {
    std::uint32_t value = 0;
    std::memcpy(&value, text.data() + at, sizeof value);
    return value;
  }
  static std::uint64_t fold(std::uint64_t value) { return value ^ (value >> 47U); }
  static std::uint64_t join(std::uint64_t low, std::uint64_t high) {
    constexpr std::uint64_t kFactor = 0x9ddfea08eb382d69ULL;
    return fold((high ^ fold((low ^ high) * kFactor)) * kFactor) * kFactor;
  }

  static std::uint64_t of_16(std::string_view text) {
    const std::size_t size = text.size();
    if (size > 8) {
      const std::uint64_t last = word(text, size - 8);
      return join(word(text, 0), rotr(last + size, static_cast<int>(size))) ^ last;
    }
    if (size >= 4) return join(size + (half(text, 0) << 3U), half(text, size - 4));
    if (size == 0) return kCity2;
    const auto byte = [&](std::size_t at) {
      return std::uint32_t{static_cast<std::uint8_t>(text[at])};
    };
    const std::uint32_t front = byte(0) + (byte(size >> 1U) << 8U);
    const std::uint32_t back = static_cast<std::uint32_t>(size) + (byte(size - 1) << 2U);
    return fold((front * kCity2) ^ (back * kCity3)) * kCity2;
  }

  static std::uint64_t of_32(std::string_view text) {
    const std::size_t size = text.size();
    const std::uint64_t a = word(text, 0) * kCity1;
    const std::uint64_t b = word(text, 8);
    const std::uint64_t c = word(text, size - 8) * kCity2;
    const std::uint64_t d = word(text, size - 16) * kCity0;
    return join(rotr(a - b, 43) + rotr(c, 30) + d, a + rotr(b ^ kCity3, 20) - c + size);
  }

  // Of 32 bytes, of which the first two words are known.
  static Pair weigh(std::uint64_t a, std::uint64_t z, std::string_view text, std::size_t begin) {
    std::uint64_t b = rotr(a + z, 52);
    std::uint64_t c = rotr(a, 37);
    a += word(text, begin + 8);
    c += rotr(a, 7);
    a += word(text, begin + 16);
    return {a + z, b + rotr(a, 31) + c};
  }

  static std::uint64_t of_64(std::string_view text) {
    const std::size_t size = text.size();
    const Pair v =
        weigh(word(text, 0) + (size + word(text, size - 16)) * kCity0, word(text, 24), text, 0);
    const Pair w =
        weigh(word(text, 16) + word(text, size - 32), word(text, size - 8), text, size - 32);
    const std::uint64_t r = fold((v.first + w.second) * kCity2 + (w.first + v.second) * kCity0);
    return fold(r * kCity0 + v.second) * kCity2;
  }

  static Pair weak(std::string_view text, std::size_t at, std::uint64_t a, std::uint64_t b) {
    const std::uint64_t z = word(text, at + 24);
    a += word(text, at);
    b = rotr(b + a + z, 21);
    const std::uint64_t c = a;
    a += word(text, at + 8);
    a += word(text, at + 16);
    b += rotr(a, 44);
    return {a + z, b + c};
  }

  static std::uint64_t of_long(std::string_view text) {
    const std::size_t size = text.size();
    std::uint64_t x = word(text, 0);
    std::uint64_t y = word(text, size - 16) ^ kCity1;
    std::uint64_t z = word(text, size - 56) ^ kCity0;
    Pair v = weak(text, size - 64, size, y);
    Pair w = weak(text, size - 32, size * kCity1, kCity0);
    z += fold(v.second) * kCity1;
    x = rotr(z + x, 39) * kCity1;
    y = rotr(y, 33) * kCity1;
    for (std::size_t at = 0; at < ((size - 1) & ~std::size_t{63}); at += 64) {
      x = rotr(x + y + v.first + word(text, at + 16), 37) * kCity1;
      y = rotr(y + v.second + word(text, at + 48), 42) * kCity1;
      x ^= w.second;
      y ^= v.first;
      z = rotr(z ^ w.first, 33);
      v = weak(text, at, v.second * kCity1, x + w.first);
      w = weak(text, at + 32, z + w.second, y);
      std::swap(z, x);
    }
    return join(join(v.first, w.first) + fold(y) * kCity1 + z, join(v.second, w.second) + x);
  }
};

// One more part of a combination's hash.
std::uint64_t mixed(std::uint64_t hash, std::uint64_t part) {
  constexpr std::uint64_t kFactor = 0x4906ba494954cb65ULL;
  return kFactor * (hash + kFactor * part);
}

bool is_above(const CatFloatSplit& split, std::span<const double> row) {
  return static_cast<float>(row[split.column]) > split.border;
}

std::uint64_t hash_of(const CatCombination& of, const CatScratch& scratch,
                      std::span<const double> row) {
  std::uint64_t hash = 0;
  for (const std::uint32_t feature : of.categories) {
    hash = mixed(hash, static_cast<std::uint64_t>(std::int64_t{scratch.hashes[feature]}));
  }
  for (const CatFloatSplit& split : of.float_splits) {
    hash = mixed(hash, is_above(split, row) ? 1 : 0);
  }
  for (const CatOneHotSplit& split : of.one_hot_splits) {
    hash = mixed(hash, scratch.hashes[split.feature] == split.hash ? 1 : 0);
  }
  return hash;
}

float ratio(const CatCtr& ctr, float count, float total) {
  const float value = (count + ctr.prior) / (total + ctr.prior_denominator);
  return (value + ctr.shift) * ctr.scale;
}

// Sum of the classes [from, to) of a bucket; counts wrap as they do in CatBoost.
std::int32_t sum_of(std::span<const std::int32_t> counts, std::size_t from, std::size_t to) {
  std::uint32_t sum = 0;
  for (std::size_t k = from; k < to; ++k) sum += static_cast<std::uint32_t>(counts[k]);
  return static_cast<std::int32_t>(sum);
}

float statistic(const CatCtr& ctr, const CatCtrTable& table, std::uint64_t hash) {
  const auto bucket = table.buckets.find(hash);
  const bool known = bucket != table.buckets.end();
  const CatCtrKind kind = table.combination.kind;
  if (kind == CatCtrKind::Counter || kind == CatCtrKind::Freq) {
    const std::int32_t count = known ? table.counts[bucket->second] : 0;
    return ratio(ctr, static_cast<float>(count), static_cast<float>(table.denominator));
  }
  if (!known) return ratio(ctr, 0, 0);
  if (kind == CatCtrKind::BinarizedMean || kind == CatCtrKind::FloatMean) {
    return ratio(ctr, table.sums[bucket->second], static_cast<float>(table.counts[bucket->second]));
  }
  const auto counts =
      std::span(table.counts).subspan(bucket->second * table.classes, table.classes);
  const std::int32_t total = sum_of(counts, 0, table.classes);
  if (kind == CatCtrKind::Buckets) {
    return ratio(ctr, static_cast<float>(counts[ctr.border]), static_cast<float>(total));
  }
  const std::size_t first = table.classes > 2 ? ctr.border + 1 : 1;
  return ratio(ctr, static_cast<float>(sum_of(counts, first, table.classes)),
               static_cast<float>(total));
}

double position_of(const CatOneHot& one_hot, std::int32_t hash) {
  for (std::size_t v = 0; v < one_hot.hashes.size(); ++v) {
    if (one_hot.hashes[v] == hash) return static_cast<double>(v);
  }
  return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

std::int32_t catboost_hash(std::string_view category) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(CityHash::of(category)));
}

void fill_category_columns(const CatModel& model, const CatScratch& scratch,
                           std::span<double> row) {
  std::size_t column = model.float_columns.size();
  for (const CatOneHot& each : model.one_hots) {
    row[column++] = position_of(each, scratch.hashes[each.feature]);
  }
  for (const CatCtr& ctr : model.ctrs) {
    const CatCtrTable& table = model.tables[ctr.table];
    const std::uint64_t hash = hash_of(table.combination, scratch, row);
    row[column++] = static_cast<double>(statistic(ctr, table, hash));
  }
}

}  // namespace forest
