#include "text/row.h"

#include <cmath>
#include <cstddef>

namespace text {

void normalize(std::span<double> values, const Normalization& how) {
  if (how.norm == Norm::None) return;
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double value = values[how.order == ColumnOrder::Ascending ? i : values.size() - 1 - i];
    sum += how.norm == Norm::L1 ? std::fabs(value) : rounded(value * value, how.precision);
  }
  if (sum == 0) return;
  if (how.norm == Norm::L2) sum = std::sqrt(sum);
  for (double& value : values) value = rounded(value / sum, how.precision);
}

}  // namespace text
