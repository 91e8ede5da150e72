#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "plan_kernels/kernel_parts.h"
#include "plan_kernels/row_kernel.h"

namespace plan {
namespace {

SparseMatrix normalized_rows(SparseMatrix rows) {
  for (std::size_t i = 0; i < rows.rows; ++i) {
    double square = 0;
    for (const double each : rows.row_values(i)) square += each * each;
    const double norm = square == 0 ? 1 : std::sqrt(square);
    for (double& each : rows.row_values(i)) each /= norm;
  }
  return rows;
}

// The stored values of each feature lie together, so that a row reads those of its features alone.
class SparseKernel final : public RowKernel {
 public:
  SparseKernel(const KernelOptions& options, SparseMatrix rows)
      : options_(options),
        rows_(std::move(rows)),
        starts_(rows_.columns + 1),
        squares_(rows_.rows),
        sums_(rows_.rows) {
    for (const std::uint32_t column : rows_.indices) ++starts_[column + 1];
    for (std::size_t f = 0; f < rows_.columns; ++f) starts_[f + 1] += starts_[f];
    entries_.resize(rows_.values.size());
    std::vector<std::size_t> at(starts_.begin(), starts_.end() - 1);
    for (std::size_t i = 0; i < rows_.rows; ++i) {
      const auto indices = rows_.row_indices(i);
      const auto values = std::as_const(rows_).row_values(i);
      for (std::size_t k = 0; k < indices.size(); ++k) {
        entries_[at[indices[k]]++] = {static_cast<std::uint32_t>(i), values[k]};
        squares_[i] += values[k] * values[k];
        sums_[i] += std::abs(values[k]);
      }
    }
  }
  Form form() const override { return Form::Sparse; }
  std::size_t rows() const override { return rows_.rows; }
  std::size_t room() const override { return rows_.rows; }
  std::size_t scratch() const override { return measures() ? rows_.columns : 0; }
  void values(const Buffer& in, std::size_t row, double* scratch, double* out) const override {
    const auto indices = in.sparse.row_indices(row);
    const auto numbers = in.sparse.row_values(row);
    if (options_.kind == KernelKind::Manhattan) {
      differences(indices, numbers, out);
    } else {
      const double square = products(indices, numbers, out);
      if (measures()) measure(indices, numbers, square, scratch, out);
      if (options_.kind == KernelKind::Cosine) {
        const double norm = square == 0 ? 1 : std::sqrt(square);
        for (std::size_t i = 0; i < rows_.rows; ++i) out[i] /= norm;
      }
    }
    finish_kernel(options_, rows_.rows, out);
  }
  std::string describe() const override {
    return describe_kernel(options_, rows_.rows, rows_.columns) + ", sparse";
  }
  double row_ns() const override {
    const auto features = static_cast<double>(std::max<std::size_t>(1, rows_.columns));
    return static_cast<double>(rows_.rows) * kernel_value_ns(options_.kind) +
           static_cast<double>(entries_.size()) / features * std::min(features, 50.0);
  }

 private:
  struct Entry {
    std::uint32_t row;
    double value;
  };
  using Indices = std::span<const std::uint32_t>;
  using Values = std::span<const double>;

  bool measures() const {
    return options_.kind == KernelKind::Rbf || options_.kind == KernelKind::SquaredDistance;
  }

  // x . y for all y; gives |x|^2.
  double products(Indices indices, Values numbers, double* out) const {
    std::fill_n(out, rows_.rows, 0.0);
    double square = 0;
    for (std::size_t k = 0; k < indices.size(); ++k) {
      const double x = numbers[k];
      square += x * x;
      for (std::size_t e = starts_[indices[k]]; e < starts_[indices[k] + 1]; ++e) {
        out[entries_[e].row] += x * entries_[e].value;
      }
    }
    return square;
  }

  // sum |x - y| for all y.
  void differences(Indices indices, Values numbers, double* out) const {
    double sum = 0;
    for (const double x : numbers) sum += std::abs(x);
    for (std::size_t i = 0; i < rows_.rows; ++i) out[i] = sum + sums_[i];
    for (std::size_t k = 0; k < indices.size(); ++k) {
      const double x = numbers[k];
      for (std::size_t e = starts_[indices[k]]; e < starts_[indices[k] + 1]; ++e) {
        const double y = entries_[e].value;
        out[entries_[e].row] += std::abs(x - y) - std::abs(x) - std::abs(y);
      }
    }
    // What was added and taken away leaves a rounding of either sign where the two are the same.
    constexpr double kLost = 1e-14;
    for (std::size_t i = 0; i < rows_.rows; ++i) {
      if (out[i] <= kLost * (sum + sums_[i])) out[i] = 0;
    }
  }

  // From x . y to |x - y|^2. `spread`: zeros, and zeros again afterwards.
  void measure(Indices indices, Values numbers, double square, double* spread, double* out) const {
    for (std::size_t k = 0; k < indices.size(); ++k) spread[indices[k]] = numbers[k];
    for (std::size_t i = 0; i < rows_.rows; ++i) out[i] = distance(i, square, out[i], spread);
    for (const std::uint32_t index : indices) spread[index] = 0;
  }

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
  std::vector<double> sums_;
};

}  // namespace

std::shared_ptr<const RowKernel> make_sparse_kernel(const KernelOptions& options,
                                                    const SparseMatrix& rows) {
  const bool cosine = options.kind == KernelKind::Cosine;
  return std::make_shared<SparseKernel>(options, cosine ? normalized_rows(rows) : rows);
}

}  // namespace plan
