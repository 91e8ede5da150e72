#include "plan_kernels/stored_rows.h"

#include <algorithm>
#include <new>

namespace plan {
namespace {

constexpr std::align_val_t kCacheLine{64};

// Zeros.
std::shared_ptr<double[]> aligned_zeros(std::size_t count) {
  auto* const made = static_cast<double*>(::operator new(count * sizeof(double), kCacheLine));
  std::fill_n(made, count, 0.0);
  return {made, [](double* values) { ::operator delete(values, kCacheLine); }};
}

}  // namespace

StoredRows::StoredRows(const Matrix& rows)
    : rows_(rows.rows),
      features_(rows.columns),
      values_(aligned_zeros(tiles() * kTileRows * features_)) {
  for (std::size_t i = 0; i < rows_; ++i) {
    double* tile = values_.get() + i / kTileRows * kTileRows * features_ + i % kTileRows;
    for (std::size_t f = 0; f < features_; ++f) tile[f * kTileRows] = rows.row(i)[f];
  }
}

}  // namespace plan
