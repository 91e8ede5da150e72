#include "plan_dense/product.h"

#include "plan_dense/product_target.h"

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

void solve_lower(const PackedLower& lower, double* right, std::size_t columns) {
  best_product_target().solve_lower(lower, right, columns);
}

double dot(const double* a, const double* b, std::size_t count) {
  return best_product_target().dot(a, b, count);
}

void tile_sums(TileSum kind, const TileRows& rows, const Tiles& tiles, double* out) {
  best_product_target().tile_sums(kind, rows, tiles, out);
}

void finish_sums(const SumFunction& function, double* sums, std::size_t count) {
  best_product_target().finish_sums(function, sums, count);
}

void tile_kernels(const TileKernel& kernel, const TileRows& rows, const Tiles& tiles, double* out) {
  best_product_target().tile_kernels(kernel, rows, tiles, out);
}

std::size_t find_below(const double* values, std::size_t count, double limit) {
  return best_product_target().find_below(values, count, limit);
}

bool all_within(const double* values, std::size_t count, double most, bool nan) {
  return best_product_target().all_within(values, count, most, nan);
}

void center_and_scale(const CenterAndScale& by, const double* from, std::size_t count, double* to) {
  best_product_target().center_and_scale(by, from, count, to);
}

void center_row(const CenterRow& by, const double* from, double* to) {
  best_product_target().center_row(by, from, to);
}

void scale_each(double* values, std::size_t count, double factor, double added) {
  best_product_target().scale_each(values, count, factor, added);
}

void add_each(double* values, const double* others, std::size_t count) {
  best_product_target().add_each(values, others, count);
}

void multiply_each(double* values, const double* others, std::size_t count) {
  best_product_target().multiply_each(values, others, count);
}

void distance_each(double* products, const double* squares, double square, std::size_t count) {
  best_product_target().distance_each(products, squares, square, count);
}

void root_each(double* values, std::size_t count) {
  best_product_target().root_each(values, count);
}

void log_each(double* values, std::size_t count) { best_product_target().log_each(values, count); }

void log1p_each(double* values, std::size_t count) {
  best_product_target().log1p_each(values, count);
}

void expm1_each(double* values, std::size_t count) {
  best_product_target().expm1_each(values, count);
}

void cosine_each(double* values, std::size_t count) {
  best_product_target().cosine_each(values, count);
}

void sine_each(double* values, std::size_t count) {
  best_product_target().sine_each(values, count);
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
