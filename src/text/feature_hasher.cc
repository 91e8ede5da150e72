#include "text/feature_hasher.h"

#include <algorithm>
#include <cmath>

#include "text/hash.h"

namespace text {

double FeatureHasher::stored(double value) const {
  switch (options_.number) {
    case FeatureHashing::Number::Float32: return static_cast<double>(static_cast<float>(value));
    case FeatureHashing::Number::Integer: return std::trunc(value);
    case FeatureHashing::Number::Float64: break;
  }
  return value;
}

void FeatureHasher::add(std::string_view name, double value, Scratch& scratch) const {
  if (value == 0) return;
  const std::int32_t hash = murmur3(name, 0);
  const bool negative = options_.alternate_sign && hash < 0;
  scratch.hashed.emplace_back(hashed_column(hash, options_.n_features),
                              stored(negative ? -value : value));
}

void FeatureHasher::add(std::string_view name, std::string_view text, Scratch& scratch) const {
  scratch.name.assign(name);
  scratch.name += '=';
  scratch.name += text;
  add(scratch.name, 1.0, scratch);
}

void FeatureHasher::end_row(Scratch& scratch, Row& row) const {
  auto& hashed = scratch.hashed;
  // Not stable, and the same algorithm as scipy's, so that sums of three and more are its bits.
  const auto by_column = [](const auto& a, const auto& b) { return a.first < b.first; };
  if (!std::is_sorted(hashed.begin(), hashed.end(), by_column)) {
    std::sort(hashed.begin(), hashed.end(), by_column);
  }
  for (std::size_t i = 0; i < hashed.size();) {
    const std::uint32_t here = hashed[i].first;
    double sum = hashed[i++].second;
    for (; i < hashed.size() && hashed[i].first == here; ++i) {
      sum = stored(sum + hashed[i].second);
    }
    row.add(here, options_.non_negative ? std::abs(sum) : sum);
  }
  hashed.clear();
}

}  // namespace text
