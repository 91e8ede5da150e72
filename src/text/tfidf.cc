#include "text/tfidf.h"

#include <cmath>
#include <cstddef>
#include <utility>

namespace text {

ColumnOrder TfidfWeights::order_of(int major, int minor, bool use_idf) {
  const bool old = std::pair(major, minor) < std::pair(1, 5);
  return old && use_idf ? ColumnOrder::Descending : ColumnOrder::Ascending;
}

void TfidfWeights::apply(std::span<const std::uint32_t> indices, std::span<double> values) const {
  if (sublinear_tf) {
    // Most counts are 1, whose logarithm is exactly 0.
    for (double& value : values) {
      if (value != 1) value = rounded(rounded(std::log(value), precision) + 1, precision);
    }
  }
  if (!idf.empty()) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = rounded(values[i] * idf[indices[i]], precision);
    }
  }
  normalize(values, {norm, order, precision});
}

}  // namespace text
