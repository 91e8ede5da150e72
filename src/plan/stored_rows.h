#pragma once

#include <cstddef>
#include <vector>

#include "plan/buffer.h"
#include "plan/product.h"

namespace plan {

// Dense rows that a fitted model keeps, such as support vectors or neighbours, as tiles that
// tile_sums (product.h) reads: memory is read once and in its order for each row that comes.
// Immutable.
class StoredRows {
 public:
  explicit StoredRows(const Matrix& rows);

  std::size_t rows() const { return rows_; }
  std::size_t features() const { return features_; }
  // How many sums come out: rows(), up to a whole tile.
  std::size_t padded() const { return tiles() * kTileRows; }
  bool operator==(const StoredRows&) const = default;

  // out, padded() doubles.
  void sums(TileSum kind, const double* row, double* out) const {
    tile_sums(kind, row, {values_.data(), tiles(), features_}, out);
  }

 private:
  std::size_t tiles() const { return (rows_ + kTileRows - 1) / kTileRows; }

  std::size_t rows_;
  std::size_t features_;
  std::vector<double> values_;
};

}  // namespace plan
