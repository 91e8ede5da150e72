#pragma once

#include <cstddef>

#include "plan/product.h"

namespace plan {

// The functions of product.h as compiled for one kind of machine.
struct ProductTarget {
  void (*product)(const DenseView& a, const DenseView& b, double* out);
  void (*solve_lower)(const DenseView& lower, double* right, std::size_t columns);
  double (*dot)(const double* a, const double* b, std::size_t count);
  void (*tile_sums)(TileSum kind, const double* row, const Tiles& tiles, double* out);
  void (*exp_each)(double* values, std::size_t count);
  void (*expit_each)(double* values, std::size_t count);
  void (*tanh_each)(double* values, std::size_t count);
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
