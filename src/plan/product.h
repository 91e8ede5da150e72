#pragma once

#include <cstddef>
#include <cstdint>

namespace plan {

// Products of dense matrices and what else is computed over many doubles at once, for the machine
// it runs on: the same code compiled for SSE2, for AVX2 with FMA and for AVX-512, the best of which
// is chosen at run time. Where a machine fuses a product with its sum, that is rounded once, so
// sums differ between machines as those of BLAS do: within 1e-12 of the sum of magnitudes, not in
// every bit. Any thread may call any of it. Nothing is checked.

// A matrix of somebody else's, row-major, without gaps.
struct DenseView {
  const double* values = nullptr;
  std::size_t rows = 0;
  std::size_t columns = 0;
};

// out (a.rows x b.columns, row-major) = a x b. Few rows are summed where they lie and allocate
// nothing; of many, blocks are first copied to where they lie as they are read, in memory that the
// call allocates. Precondition: a.columns == b.rows, and out overlaps neither.
void product(const DenseView& a, const DenseView& b, double* out);

// right, lower.rows x columns, row-major: from B to the X of lower X = B. Of `lower`, which is
// square, only what is on and below its diagonal is read. Allocates as product does.
void solve_lower(const DenseView& lower, double* right, std::size_t columns);

// The sum of a[i] * b[i].
double dot(const double* a, const double* b, std::size_t count);

// Rows that a model keeps, some side by side: a tile is features x kTileRows, and where there is no
// row any number.
inline constexpr std::size_t kTileRows = 64;
struct Tiles {
  const double* values = nullptr;
  std::size_t count = 0;
  std::size_t features = 0;
};

// What of two rows is summed over the features: x * y, (x - y)^2, |x - y|, or the largest |x - y|.
enum class TileSum : std::uint8_t { Product, Squared, Absolute, Largest };

// out[i] = that sum of `row` and the i-th row of the tiles, kTileRows for each tile, the features
// in their order.
void tile_sums(TileSum kind, const double* row, const Tiles& tiles, double* out);

// values[i] = exp(values[i]), within two units in the last place.
void exp_each(double* values, std::size_t count);

// values[i] = 1 / (1 + exp(-values[i])) and tanh(values[i]), within four units in the last place;
// what would be below 1e-307 may be any number that is.
void expit_each(double* values, std::size_t count);
void tanh_each(double* values, std::size_t count);

// To each of `count` rows: row[k] += bias[k], and then 0 for what is below it where `relu` is
// asked.
void add_to_rows(double* rows, std::size_t count, const double* bias, std::size_t width, bool relu);

}  // namespace plan
