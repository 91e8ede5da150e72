#include "plan/row_kernel.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace plan {
namespace {

constexpr std::array<std::string_view, 8> kKernelNames = {
    "linear", "polynomial", "rbf", "sigmoid", "laplacian", "cosine", "chi2", "additive chi2"};

std::string describe_kernel(const KernelOptions& options, std::size_t rows, std::size_t features) {
  return fmt::format("{} kernel with {} rows of {} features",
                     kKernelNames.at(static_cast<std::size_t>(options.kind)), rows, features);
}

double kernel_value_ns(KernelKind kind) {
  switch (kind) {
    case KernelKind::Polynomial: return 3;
    case KernelKind::Sigmoid: return 15;
    default: return 1.5;
  }
}

// x ^ degree for a degree that is a whole number, as most are; else the library's.
double power(double x, double degree) {
  constexpr double kWholeMax = 64;
  if (degree < 0 || degree > kWholeMax || degree != std::floor(degree)) return std::pow(x, degree);
  double result = 1;
  for (auto left = static_cast<unsigned>(degree); left > 0; left /= 2) {
    if (left % 2 == 1) result *= x;
    x *= x;
  }
  return result;
}

// From the sum over the features to the kernel.
void finish_kernel(const KernelOptions& options, std::size_t count, double* out) {
  switch (options.kind) {
    case KernelKind::Linear:
    case KernelKind::Cosine:
    case KernelKind::AdditiveChi2: break;
    case KernelKind::Polynomial:
      for (std::size_t i = 0; i < count; ++i) {
        out[i] = power(options.gamma * out[i] + options.coef0, options.degree);
      }
      break;
    case KernelKind::Sigmoid:
      for (std::size_t i = 0; i < count; ++i) {
        out[i] = std::tanh(options.gamma * out[i] + options.coef0);
      }
      break;
    case KernelKind::Rbf:
    case KernelKind::Laplacian:
      for (std::size_t i = 0; i < count; ++i) out[i] *= -options.gamma;
      exp_each(out, count);
      break;
    case KernelKind::Chi2:
      for (std::size_t i = 0; i < count; ++i) out[i] *= options.gamma;
      exp_each(out, count);
      break;
  }
}

TileSum tile_sum_of(KernelKind kind) {
  if (kind == KernelKind::Rbf) return TileSum::Squared;
  if (kind == KernelKind::Laplacian) return TileSum::Absolute;
  return TileSum::Product;
}

// The length of a row, 1 for one of zeros alone (sklearn.preprocessing.normalize).
double norm_or_one(const double* row, std::size_t count) {
  const double norm = std::sqrt(dot(row, row, count));
  return norm == 0 ? 1 : norm;
}

Matrix normalized(const Matrix& rows) {
  Matrix made = rows;
  for (std::size_t i = 0; i < rows.rows; ++i) {
    const double norm = norm_or_one(rows.row(i), rows.columns);
    for (std::size_t f = 0; f < rows.columns; ++f) made.row(i)[f] /= norm;
  }
  return made;
}

class TiledKernel final : public RowKernel {
 public:
  TiledKernel(const KernelOptions& options, const Matrix& rows) : options_(options), rows_(rows) {}
  std::size_t rows() const override { return rows_.rows(); }
  std::size_t room() const override { return rows_.padded(); }
  void values(const Buffer& in, std::size_t row, double*, double* out) const override {
    const double* x = in.dense.row(row);
    rows_.sums(tile_sum_of(options_.kind), x, out);
    if (options_.kind == KernelKind::Cosine) {
      const double norm = norm_or_one(x, rows_.features());
      for (std::size_t i = 0; i < rows(); ++i) out[i] /= norm;
    }
    finish_kernel(options_, rows(), out);
  }
  std::string describe() const override {
    return describe_kernel(options_, rows(), rows_.features());
  }
  double row_ns() const override {
    return static_cast<double>(rows()) *
           (kernel_value_ns(options_.kind) + 0.08 * static_cast<double>(rows_.features()));
  }

 private:
  KernelOptions options_;
  StoredRows rows_;
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

// The stored values of each feature lie together, so that a row reads those of its features alone.
class SparseKernel final : public RowKernel {
 public:
  SparseKernel(const KernelOptions& options, const SparseMatrix& rows)
      : options_(options), rows_(rows), starts_(rows.columns + 1), squares_(rows.rows) {
    for (const std::uint32_t column : rows.indices) ++starts_[column + 1];
    for (std::size_t f = 0; f < rows.columns; ++f) starts_[f + 1] += starts_[f];
    entries_.resize(rows.values.size());
    std::vector<std::size_t> at(starts_.begin(), starts_.end() - 1);
    for (std::size_t i = 0; i < rows.rows; ++i) {
      const auto indices = rows.row_indices(i);
      const auto values = rows.row_values(i);
      for (std::size_t k = 0; k < indices.size(); ++k) {
        entries_[at[indices[k]]++] = {static_cast<std::uint32_t>(i), values[k]};
        squares_[i] += values[k] * values[k];
      }
    }
  }
  Form form() const override { return Form::Sparse; }
  std::size_t rows() const override { return rows_.rows; }
  std::size_t room() const override { return rows_.rows; }
  std::size_t scratch() const override {
    return options_.kind == KernelKind::Rbf ? rows_.columns : 0;
  }
  void values(const Buffer& in, std::size_t row, double* scratch, double* out) const override {
    const auto indices = in.sparse.row_indices(row);
    const auto numbers = in.sparse.row_values(row);
    std::fill_n(out, rows_.rows, 0.0);
    double square = 0;
    for (std::size_t k = 0; k < indices.size(); ++k) {
      const double x = numbers[k];
      square += x * x;
      for (std::size_t e = starts_[indices[k]]; e < starts_[indices[k] + 1]; ++e) {
        out[entries_[e].row] += x * entries_[e].value;
      }
    }
    if (options_.kind == KernelKind::Rbf) {
      for (std::size_t k = 0; k < indices.size(); ++k) scratch[indices[k]] = numbers[k];
      for (std::size_t i = 0; i < rows_.rows; ++i) out[i] = distance(i, square, out[i], scratch);
      for (std::size_t k = 0; k < indices.size(); ++k) scratch[indices[k]] = 0;
    }
    finish_kernel(options_, rows_.rows, out);
  }
  std::string describe() const override {
    return describe_kernel(options_, rows_.rows, rows_.columns) + ", sparse";
  }
  double row_ns() const override {
    const auto features = static_cast<double>(std::max<std::size_t>(1, rows_.columns));
    const double each = std::min(features, 50.0);
    return static_cast<double>(rows_.rows) * kernel_value_ns(options_.kind) +
           static_cast<double>(entries_.size()) / features * each;
  }

 private:
  struct Entry {
    std::uint32_t row;
    double value;
  };

  // |x - y|^2 of |x|^2, x . y and the stored |y|^2; where the two lie so near each other that
  // little of that is left, by the differences. `x` is the row spread out.
  double distance(std::size_t i, double square, double product, const double* x) const {
    constexpr double kNear = 1e-3;
    const double sum = square + squares_[i];
    const double left = sum - 2 * product;
    if (left >= kNear * sum) return left;
    const auto indices = rows_.row_indices(i);
    const auto values = rows_.row_values(i);
    double shared = 0;
    double differences = 0;
    for (std::size_t k = 0; k < indices.size(); ++k) {
      const double at = x[indices[k]];
      shared += at * at;
      differences += (at - values[k]) * (at - values[k]);
    }
    return differences + std::max(0.0, square - shared);
  }

  KernelOptions options_;
  SparseMatrix rows_;
  std::vector<std::size_t> starts_;
  std::vector<Entry> entries_;
  std::vector<double> squares_;
};

}  // namespace

std::shared_ptr<const RowKernel> make_row_kernel(const KernelOptions& options, const Matrix& rows) {
  if (options.kind == KernelKind::Chi2 || options.kind == KernelKind::AdditiveChi2) {
    return std::make_shared<ChiSquaredKernel>(options, rows);
  }
  const bool cosine = options.kind == KernelKind::Cosine;
  return std::make_shared<TiledKernel>(options, cosine ? normalized(rows) : rows);
}

std::shared_ptr<const RowKernel> make_sparse_kernel(const KernelOptions& options,
                                                    const SparseMatrix& rows) {
  return std::make_shared<SparseKernel>(options, rows);
}

}  // namespace plan
