#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <span>
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

using Indices = std::span<const std::uint32_t>;
using Values = std::span<const double>;

struct SparseRow {
  Indices indices;
  Values values;
  bool ascends() const {
    return std::adjacent_find(indices.begin(), indices.end(), std::greater_equal<>()) ==
           indices.end();
  }
};

// Each row's entries in the order of their features, those of the same feature as one.
SparseMatrix in_order(const SparseMatrix& rows) {
  SparseMatrix made;
  made.clear(rows.columns);
  std::vector<std::pair<std::uint32_t, double>> entries;
  for (std::size_t i = 0; i < rows.rows; ++i) {
    const Values values = rows.row_values(i);
    entries.clear();
    for (std::size_t k = 0; k < values.size(); ++k) {
      entries.emplace_back(rows.row_indices(i)[k], values[k]);
    }
    std::stable_sort(entries.begin(), entries.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [index, value] : entries) {
      if (made.indices.size() > made.starts.back() && made.indices.back() == index) {
        made.values.back() += value;
      } else {
        made.push(index, value);
      }
    }
    made.end_row();
  }
  return made;
}

// sum |x - y| of rows that ascend, feature by feature as scikit-learn adds it up.
double manhattan(const SparseRow& x, const SparseRow& y) {
  double sum = 0;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < x.indices.size() && j < y.indices.size()) {
    if (x.indices[i] == y.indices[j]) {
      sum += std::abs(x.values[i++] - y.values[j++]);
    } else {
      sum += std::abs(x.indices[i] < y.indices[j] ? x.values[i++] : y.values[j++]);
    }
  }
  for (; i < x.indices.size(); ++i) sum += std::abs(x.values[i]);
  for (; j < y.indices.size(); ++j) sum += std::abs(y.values[j]);
  return sum;
}

// The same where x, which `spread` has spread out, does not ascend.
double manhattan_of_spread(const SparseRow& x, const SparseRow& y, double* spread) {
  double sum = 0;
  for (std::size_t k = 0; k < y.indices.size(); ++k) {
    sum += std::abs(spread[y.indices[k]] - y.values[k]);
    spread[y.indices[k]] = 0;
  }
  for (std::size_t k = 0; k < x.indices.size(); ++k) {
    sum += std::abs(spread[x.indices[k]]);
    spread[x.indices[k]] = x.values[k];
  }
  return sum;
}

// The stored values of each feature lie together, so that a row reads those of its features alone.
class SparseKernel final : public RowKernel {
 public:
  SparseKernel(const KernelOptions& options, SparseMatrix rows)
      : options_(options),
        rows_(std::move(rows)),
        starts_(rows_.columns + 1),
        squares_(rows_.rows) {
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
      }
    }
  }
  Form form() const override { return Form::Sparse; }
  std::size_t rows() const override { return rows_.rows; }
  std::size_t room() const override { return rows_.rows; }
  std::size_t scratch() const override { return measures() || is_absolute() ? rows_.columns : 0; }
  void values(const Buffer& in, std::size_t row, double* scratch, double* out) const override {
    const auto indices = in.sparse.row_indices(row);
    const auto numbers = in.sparse.row_values(row);
    if (is_absolute()) {
      differences({indices, numbers}, scratch, out);
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
    const auto rows = static_cast<double>(rows_.rows);
    const auto features = static_cast<double>(std::max<std::size_t>(1, rows_.columns));
    const auto entries = static_cast<double>(entries_.size());
    const double own = std::min(features, 50.0);
    const double sums =
        is_absolute() ? kMergeNs * (entries + rows * own) : entries / features * own;
    return rows * kernel_value_ns(options_.kind) + sums;
  }

 private:
  struct Entry {
    std::uint32_t row;
    double value;
  };
  // What each entry costs where rows are merged.
  static constexpr double kMergeNs = 2;

  bool is_absolute() const {
    return options_.kind == KernelKind::Manhattan || options_.kind == KernelKind::Laplacian;
  }
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

  // sum |x - y| for all y. `spread`: zeros, and zeros again afterwards.
  void differences(const SparseRow& x, double* spread, double* out) const {
    const bool ascends = x.ascends();
    for (std::size_t k = 0; k < x.indices.size() && !ascends; ++k) {
      spread[x.indices[k]] = x.values[k];
    }
    for (std::size_t i = 0; i < rows_.rows; ++i) {
      const SparseRow y{rows_.row_indices(i), rows_.row_values(i)};
      out[i] = ascends ? manhattan(x, y) : manhattan_of_spread(x, y, spread);
    }
    for (std::size_t k = 0; k < x.indices.size() && !ascends; ++k) spread[x.indices[k]] = 0;
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
};

}  // namespace

std::shared_ptr<const RowKernel> make_sparse_kernel(const KernelOptions& options,
                                                    const SparseMatrix& rows) {
  switch (options.kind) {
    case KernelKind::Cosine: return std::make_shared<SparseKernel>(options, normalized_rows(rows));
    case KernelKind::Manhattan:
    case KernelKind::Laplacian: return std::make_shared<SparseKernel>(options, in_order(rows));
    default: return std::make_shared<SparseKernel>(options, rows);
  }
}

}  // namespace plan
