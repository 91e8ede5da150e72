#include "plan/stored_rows.h"

namespace plan {

StoredRows::StoredRows(const Matrix& rows)
    : rows_(rows.rows), features_(rows.columns), values_(tiles() * kTileRows * features_) {
  for (std::size_t i = 0; i < rows_; ++i) {
    double* tile = values_.data() + i / kTileRows * kTileRows * features_ + i % kTileRows;
    for (std::size_t f = 0; f < features_; ++f) tile[f * kTileRows] = rows.row(i)[f];
  }
}

}  // namespace plan
