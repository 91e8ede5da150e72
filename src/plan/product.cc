#include "plan/product.h"

#include "plan/product_target.h"

namespace plan {
namespace {

const ProductTarget& best_product_target() {
  static const ProductTarget* const kBest = [] {
    const ProductTargets targets = product_targets();
    return targets.list[targets.count - 1];
  }();
  return *kBest;
}

}  // namespace

ProductTargets product_targets() {
  ProductTargets targets{.list = {&kProductPortable, nullptr, nullptr}, .count = 1};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    targets.list[targets.count++] = &kProductAvx2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) {
      targets.list[targets.count++] = &kProductAvx512;
    }
  }
#endif
  return targets;
}

void product(const DenseView& a, const DenseView& b, double* out) {
  best_product_target().product(a, b, out);
}

void solve_lower(const DenseView& lower, double* right, std::size_t columns) {
  best_product_target().solve_lower(lower, right, columns);
}

double dot(const double* a, const double* b, std::size_t count) {
  return best_product_target().dot(a, b, count);
}

void tile_sums(TileSum kind, const double* row, const Tiles& tiles, double* out) {
  best_product_target().tile_sums(kind, row, tiles, out);
}

void exp_each(double* values, std::size_t count) { best_product_target().exp_each(values, count); }

void expit_each(double* values, std::size_t count) {
  best_product_target().expit_each(values, count);
}

void tanh_each(double* values, std::size_t count) {
  best_product_target().tanh_each(values, count);
}

void add_to_rows(double* rows, std::size_t count, const double* bias, std::size_t width,
                 bool relu) {
  best_product_target().add_to_rows(rows, count, bias, width, relu);
}

}  // namespace plan
