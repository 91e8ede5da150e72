#include "text/hashing_vectorizer.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>

#include <fmt/format.h>

#include "text/hash.h"

namespace text {
namespace {

constexpr std::uint32_t kFeaturesMax = std::numeric_limits<std::int32_t>::max();

}  // namespace

base::Result<HashingVectorizer> HashingVectorizer::make(Analyzer analyzer, HashingOptions options) {
  if (options.n_features == 0 || options.n_features > kFeaturesMax) {
    return base::Error(base::Code::Invalid, fmt::format("n_features: expected 1 to {}, got {}",
                                                        kFeaturesMax, options.n_features));
  }
  return HashingVectorizer(std::move(analyzer), options);
}

base::Result<void> HashingVectorizer::append(std::string_view document, Scratch& scratch,
                                             Row& row) const {
  std::vector<std::uint32_t>& hashed = scratch.hashed;
  hashed.clear();
  TRY(analyzer_.for_each_term(document, scratch.analyzer, [&](std::string_view term) {
    const std::int32_t hash = murmur3(term, 0);
    const bool negative = options_.alternate_sign && hash < 0;
    hashed.push_back(hashed_column(hash, options_.n_features) * 2 + (negative ? 1 : 0));
  }));
  // Sums of ones are exact in any order.
  std::sort(hashed.begin(), hashed.end());
  const std::size_t first = row.values.size();
  for (std::size_t i = 0; i < hashed.size();) {
    const std::uint32_t here = hashed[i] / 2;
    double sum = 0;
    for (; i < hashed.size() && hashed[i] / 2 == here; ++i) sum += hashed[i] % 2 == 0 ? 1 : -1;
    row.add(here, options_.binary ? 1 : sum);
  }
  normalize(std::span(row.values).subspan(first),
            {options_.norm, ColumnOrder::Ascending, options_.precision});
  return {};
}

}  // namespace text
