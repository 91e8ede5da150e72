#pragma once

#include <cstddef>
#include <memory>

#include "plan/buffer.h"
#include "plan_dense/product.h"

namespace plan {

// How many rows at a time are worth asking for: the stored rows are read once for all of them.
inline constexpr std::size_t kRowsTogether = 8;

// Dense rows that a fitted model keeps, such as support vectors or neighbours, as tiles that
// tile_sums (product.h) reads: memory is read once and in its order for each row that comes.
// Immutable.
class StoredRows {
 public:
  explicit StoredRows(const Matrix& rows);

  std::size_t rows() const { return rows_; }
  std::size_t features() const { return features_; }
  double value(std::size_t row, std::size_t feature) const {
    const std::size_t tile = row / kTileRows * kTileRows * features_;
    return values_[static_cast<std::ptrdiff_t>(tile + feature * kTileRows + row % kTileRows)];
  }
  // How many sums come out: rows(), up to a whole tile.
  std::size_t padded() const { return tiles() * kTileRows; }

  // out, padded() doubles.
  void sums(TileSum kind, const double* row, double* out) const {
    sums_of_rows(kind, {.values = row, .count = 1}, out);
  }
  // out, padded() doubles for each row.
  void sums_of_rows(TileSum kind, const TileRows& rows, double* out) const {
    tile_sums(kind, rows, {values_.get(), tiles(), features_}, out);
  }
  void kernels_of_rows(const TileKernel& kernel, const TileRows& rows, double* out) const {
    tile_kernels(kernel, rows, {values_.get(), tiles(), features_}, out);
  }

 private:
  std::size_t tiles() const { return (rows_ + kTileRows - 1) / kTileRows; }

  std::size_t rows_;
  std::size_t features_;
  // Where lines of the cache begin, which is worth a quarter of the time. Copies share them.
  std::shared_ptr<double[]> values_;
};

}  // namespace plan
