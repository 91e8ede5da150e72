#include "plan_kernels/row_kernel.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "plan_dense/squared_distance.h"
#include "plan_kernels/kernel_parts.h"

namespace plan {
namespace {

constexpr std::array<std::string_view, 10> kKernelNames = {
    "linear", "polynomial", "rbf",           "sigmoid",          "laplacian",
    "cosine", "chi2",       "additive chi2", "squared distance", "manhattan"};

}  // namespace

void RowKernel::values_of_rows(const Buffer& in, const RowRange& rows, double* scratch,
                               double* out) const {
  for (std::size_t r = 0; r < rows.count; ++r) {
    values(in, rows.first + r, scratch, out + r * room());
  }
}

std::string describe_kernel(const KernelOptions& options, std::size_t rows, std::size_t features) {
  return fmt::format("{} kernel with {} rows of {} features",
                     kKernelNames.at(static_cast<std::size_t>(options.kind)), rows, features);
}

double kernel_value_ns(KernelKind kind) {
  switch (kind) {
    case KernelKind::Polynomial: return 0.3;
    case KernelKind::Sigmoid: return 1.2;
    default: return 0.8;
  }
}

SumFunction kernel_function(const KernelOptions& options) {
  using Kind = SumFunction::Kind;
  switch (options.kind) {
    case KernelKind::Linear:
    case KernelKind::Cosine:
    case KernelKind::AdditiveChi2:
    case KernelKind::SquaredDistance:
    case KernelKind::Manhattan: break;
    case KernelKind::Polynomial:
      return {.kind = Kind::Power,
              .scale = options.gamma,
              .shift = options.coef0,
              .exponent = options.degree};
    case KernelKind::Sigmoid:
      return {.kind = Kind::Tanh, .scale = options.gamma, .shift = options.coef0};
    case KernelKind::Rbf:
    case KernelKind::Laplacian: return {.kind = Kind::Exp, .scale = -options.gamma};
    case KernelKind::Chi2: return {.kind = Kind::Exp, .scale = options.gamma};
  }
  return {.kind = Kind::Same};
}

void finish_kernel(const KernelOptions& options, std::size_t count, double* out) {
  finish_sums(kernel_function(options), out, count);
}

namespace {

TileSum tile_sum_of(KernelKind kind) {
  if (kind == KernelKind::Rbf || kind == KernelKind::SquaredDistance) return TileSum::Squared;
  if (kind == KernelKind::Laplacian || kind == KernelKind::Manhattan) return TileSum::Absolute;
  return TileSum::Product;
}

// The length of a row, 1 for one of zeros alone (sklearn.preprocessing.normalize).
double norm_or_one(const double* row, std::size_t count, double least) {
  const double norm = std::sqrt(dot(row, row, count));
  return norm == 0 || norm < least ? 1 : norm;
}

Matrix normalized(const Matrix& rows, double least) {
  Matrix made = rows;
  for (std::size_t i = 0; i < rows.rows; ++i) {
    const double norm = norm_or_one(rows.row(i), rows.columns, least);
    for (std::size_t f = 0; f < rows.columns; ++f) made.row(i)[f] /= norm;
  }
  return made;
}

class TiledKernel final : public RowKernel {
 public:
  TiledKernel(const KernelOptions& options, const Matrix& rows) : options_(options), rows_(rows) {
    if (!is_expanded()) return;
    for (std::size_t i = 0; i < rows.rows; ++i) {
      lengths_.push_back(einsum_square(rows.row(i), rows.columns));
    }
  }
  std::size_t rows() const override { return rows_.rows(); }
  std::size_t room() const override { return rows_.padded(); }
  void values(const Buffer& in, std::size_t row, double* scratch, double* out) const override {
    values_of_rows(in, {.first = row, .count = 1}, scratch, out);
  }
  void values_of_rows(const Buffer& in, const RowRange& range, double*,
                      double* out) const override {
    const TileRows rows{.values = in.dense.row(range.first), .count = range.count};
    if (is_expanded()) return expanded(rows, out);
    rows_.kernels_of_rows({tile_sum_of(options_.kind), kernel_function(options_)}, rows, out);
    if (options_.kind == KernelKind::Cosine) divide_by_norms(rows, out);
  }
  std::string describe() const override {
    return describe_kernel(options_, rows(), rows_.features());
  }
  double row_ns() const override {
    return static_cast<double>(rows()) *
           (kernel_value_ns(options_.kind) + 0.08 * static_cast<double>(rows_.features()));
  }

 private:
  bool is_expanded() const { return options_.expanded && options_.kind == KernelKind::Rbf; }

  void expanded(const TileRows& x, double* out) const {
    rows_.sums_of_rows(TileSum::Product, x, out);
    for (std::size_t r = 0; r < x.count; ++r, out += room()) {
      const double* row = x.values + r * rows_.features();
      squared_distances(lengths_, einsum_square(row, rows_.features()), out);
      finish_kernel(options_, rows(), out);
    }
  }

  void divide_by_norms(const TileRows& x, double* out) const {
    for (std::size_t r = 0; r < x.count; ++r, out += room()) {
      const double* row = x.values + r * rows_.features();
      const double norm = norm_or_one(row, rows_.features(), options_.least_norm);
      for (std::size_t i = 0; i < rows(); ++i) out[i] /= norm;
    }
  }

  KernelOptions options_;
  StoredRows rows_;
  std::vector<double> lengths_;  // Squared, where the distance is made of them.
};

class ChiSquaredKernel final : public RowKernel {
 public:
  ChiSquaredKernel(const KernelOptions& options, Matrix rows)
      : options_(options), rows_(std::move(rows)) {}
  std::size_t rows() const override { return rows_.rows; }
  std::size_t room() const override { return rows_.rows; }
  void values(const Buffer& in, std::size_t row, double*, double* out) const override {
    const double* x = in.dense.row(row);
    for (std::size_t i = 0; i < rows_.rows; ++i) {
      const double* y = rows_.row(i);
      double sum = 0;
      for (std::size_t f = 0; f < rows_.columns; ++f) {
        const double difference = x[f] - y[f];
        const double total = x[f] + y[f];
        if (total != 0) sum += difference * difference / total;
      }
      out[i] = -sum;
    }
    finish_kernel(options_, rows_.rows, out);
  }
  std::string describe() const override {
    return describe_kernel(options_, rows_.rows, rows_.columns);
  }
  double row_ns() const override {
    return static_cast<double>(rows_.rows) * (1 + 2 * static_cast<double>(rows_.columns));
  }

 private:
  KernelOptions options_;
  Matrix rows_;
};

}  // namespace

std::shared_ptr<const RowKernel> make_row_kernel(const KernelOptions& options, const Matrix& rows) {
  if (options.kind == KernelKind::Chi2 || options.kind == KernelKind::AdditiveChi2) {
    return std::make_shared<ChiSquaredKernel>(options, rows);
  }
  const bool cosine = options.kind == KernelKind::Cosine;
  return std::make_shared<TiledKernel>(options,
                                       cosine ? normalized(rows, options.least_norm) : rows);
}

}  // namespace plan
