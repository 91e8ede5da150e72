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

// What is on and below the diagonal of a square matrix, row by row without gaps.
struct PackedLower {
  const double* values = nullptr;
  std::size_t order = 0;
};

// right, lower.order x columns, row-major: from B to the X of lower X = B.
void solve_lower(const PackedLower& lower, double* right, std::size_t columns);

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

// Rows to be compared with them, one behind the other, of as many features.
struct TileRows {
  const double* values = nullptr;
  std::size_t count = 0;
};

// What of two rows is summed over the features: x * y, (x - y)^2, |x - y|, or the largest |x - y|.
enum class TileSum : std::uint8_t { Product, Squared, Absolute, Largest };

// out[r][i] = that sum of the r-th row and the i-th row of the tiles, kTileRows for each tile, the
// features in their order. The bits of an answer do not depend on how many rows there are.
void tile_sums(TileSum kind, const TileRows& rows, const Tiles& tiles, double* out);

// What a kernel makes of such a sum s.
struct SumFunction {
  enum class Kind : std::uint8_t {
    Same,        // s
    Exp,         // exp(scale s)
    Tanh,        // tanh(scale s + shift)
    Power,       // (scale s + shift) ^ exponent
    Matern12,    // exp(-d), d = scale * the root of s
    Matern32,    // (1 + d) exp(-d)
    Matern52,    // (1 + d + d^2 / 3) exp(-d)
    SineSquared  // exp(-2 (sin(d) / shift)^2)
  };
  Kind kind = Kind::Same;
  double scale = 1;
  double shift = 0;
  double exponent = 1;
};

// sums[i] = function(sums[i]), within some units in the last place; a power whose exponent is not a
// whole number within 1e-13.
void finish_sums(const SumFunction& function, double* sums, std::size_t count);

// Both: out[r][i] = that function of that sum. Reading tiles takes about as long as the function,
// and this does both at the same time.
struct TileKernel {
  TileSum sum = TileSum::Product;
  SumFunction function;
};
void tile_kernels(const TileKernel& kernel, const TileRows& rows, const Tiles& tiles, double* out);

// Whether all numbers are from -most to most, or are no numbers where `nan` lets them through. May
// say false of the latter though they are, which who asks then looks at one by one.
bool all_within(const double* values, std::size_t count, double most, bool nan);

// Where the first number below `limit` is; `count` where none is.
std::size_t find_below(const double* values, std::size_t count, double limit);

// values[i] = exp(values[i]), within two units in the last place, from the smallest numbers to
// infinity.
void exp_each(double* values, std::size_t count);

// values[i] = 1 / (1 + exp(-values[i])) and tanh(values[i]), within four units in the last place;
// of the first, what would be below 1e-307 may be any number that is.
void expit_each(double* values, std::size_t count);
void tanh_each(double* values, std::size_t count);

// to = (from - center) / scale, column by column of `count` rows; rounded as each operation by
// itself is, and NaN as that has it. Where center or scale is null, that operation is left out.
struct CenterAndScale {
  const double* center = nullptr;
  const double* scale = nullptr;
  std::size_t width = 0;
};
void center_and_scale(const CenterAndScale& by, const double* from, std::size_t count, double* to);

// to[i] = from[i] - means[i] - own_mean + mean, rounded as center_and_scale is.
struct CenterRow {
  const double* means = nullptr;
  std::size_t count = 0;
  double own_mean = 0;
  double mean = 0;
};
void center_row(const CenterRow& by, const double* from, double* to);

// values[i] = values[i] * factor + added, values[i] + others[i] and values[i] * others[i], rounded
// in the same way.
void scale_each(double* values, std::size_t count, double factor, double added);
void add_each(double* values, const double* others, std::size_t count);
void multiply_each(double* values, const double* others, std::size_t count);

// products[i] = -2 products[i] + square + squares[i], rounded in the same way, 0 for what is below
// it.
void distance_each(double* products, const double* squares, double square, std::size_t count);

// values[i] = the root of values[i], of 0 for what is below it or no number.
void root_each(double* values, std::size_t count);

// values[i] = log(values[i]), within a unit in the last place or two, and as std::log has it of
// what is no positive number; log1p and expm1 within three units; cosine and sine within two units
// of it or 1e-16.
void log_each(double* values, std::size_t count);
void log1p_each(double* values, std::size_t count);
void expm1_each(double* values, std::size_t count);
void cosine_each(double* values, std::size_t count);
void sine_each(double* values, std::size_t count);

// To each of `count` rows: row[k] += bias[k], and then 0 for what is below it where `relu` is
// asked.
void add_to_rows(double* rows, std::size_t count, const double* bias, std::size_t width, bool relu);

}  // namespace plan
