#include "text/row.h"

#include <cmath>
#include <cstddef>

namespace text {

void normalize(std::span<double> values, Norm norm, ColumnOrder order) {
  if (norm == Norm::None) return;
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double value = values[order == ColumnOrder::Ascending ? i : values.size() - 1 - i];
    sum += norm == Norm::L1 ? std::fabs(value) : value * value;
  }
  if (sum == 0) return;
  if (norm == Norm::L2) sum = std::sqrt(sum);
  for (double& value : values) value /= sum;
}

}  // namespace text
