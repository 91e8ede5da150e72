#pragma once

#include <cstddef>

#include "plan_dense/product.h"

namespace plan {

// The functions of product.h as compiled for one kind of machine.
struct ProductTarget {
  void (*product)(const DenseView& a, const DenseView& b, double* out);
  void (*solve_lower)(const PackedLower& lower, double* right, std::size_t columns);
  double (*dot)(const double* a, const double* b, std::size_t count);
  void (*tile_sums)(TileSum kind, const TileRows& rows, const Tiles& tiles, double* out);
  void (*finish_sums)(const SumFunction& function, double* sums, std::size_t count);
  void (*tile_kernels)(const TileKernel& kernel, const TileRows& rows, const Tiles& tiles,
                       double* out);
  std::size_t (*find_below)(const double* values, std::size_t count, double limit);
  void (*exp_each)(double* values, std::size_t count);
  void (*expit_each)(double* values, std::size_t count);
  void (*tanh_each)(double* values, std::size_t count);
  bool (*all_within)(const double* values, std::size_t count, double most, bool nan);
  void (*center_and_scale)(const CenterAndScale& by, const double* from, std::size_t count,
                           double* to);
  void (*center_row)(const CenterRow& by, const double* from, double* to);
  void (*scale_each)(double* values, std::size_t count, double factor, double added);
  void (*add_each)(double* values, const double* others, std::size_t count);
  void (*multiply_each)(double* values, const double* others, std::size_t count);
  void (*distance_each)(double* products, const double* squares, double square, std::size_t count);
  void (*root_each)(double* values, std::size_t count);
  void (*log_each)(double* values, std::size_t count);
  void (*log1p_each)(double* values, std::size_t count);
  void (*expm1_each)(double* values, std::size_t count);
  void (*cosine_each)(double* values, std::size_t count);
  void (*sine_each)(double* values, std::size_t count);
  void (*add_to_rows)(double* rows, std::size_t count, const double* bias, std::size_t width,
                      bool relu);
};

// What every machine can run.
extern const ProductTarget kProductPortable;
#if defined(__x86_64__)
// Precondition of calling what they list: the processor has AVX2 and FMA; AVX-512 F and DQ too.
extern const ProductTarget kProductAvx2;
extern const ProductTarget kProductAvx512;
#endif

// All that this machine can run, the best last. `count` is how many.
struct ProductTargets {
  const ProductTarget* list[3];
  std::size_t count;
};
ProductTargets product_targets();

}  // namespace plan
