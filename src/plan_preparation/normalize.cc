#include "plan_preparation/normalize.h"

#include <cmath>
#include <limits>
#include <span>

#include <fmt/format.h>

#include "plan_dense/kernel_center.h"

namespace plan {
namespace {

double norm_of(NormalizeRows::Norm norm, std::span<const double> values, bool has_zeros) {
  double sum = 0;
  switch (norm) {
    case NormalizeRows::Norm::L1:
      for (const double x : values) sum += std::abs(x);
      return sum;
    case NormalizeRows::Norm::L2:
      for (const double x : values) sum += x * x;
      return std::sqrt(sum);
    case NormalizeRows::Norm::Max:
      for (const double x : values) sum = std::max(sum, std::abs(x));
      return sum;
    case NormalizeRows::Norm::SignedMax:
      sum = has_zeros ? 0 : -std::numeric_limits<double>::infinity();
      for (const double x : values) sum = std::max(sum, x);
      return sum;
  }
  return sum;
}

}  // namespace

std::string NormalizeRows::describe() const {
  return fmt::format("divide rows of {} features by their norm", width_);
}

base::Result<void> NormalizeRows::run(const Inputs& in, Buffer& out, State*) const {
  const bool sparse = form_ == Form::Sparse;
  if (sparse) {
    out.sparse = in[0].sparse;
  } else {
    out.dense = in[0].dense;
  }
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const std::span<double> row =
        sparse ? out.sparse.row_values(i) : std::span(out.dense.row(i), width_);
    const double norm = norm_of(norm_, row, row.size() < width_);
    if (norm == 0 || (norm > 0 && norm < least_)) continue;
    for (double& x : row) x /= norm;
  }
  return {};
}

std::string Binarize::describe() const {
  return fmt::format("1 where one of {} features is above {}", width_, threshold_);
}

base::Result<void> Binarize::run(const Inputs& in, Buffer& out, State*) const {
  if (form_ == Form::Dense) {
    const Matrix& from = in[0].dense;
    out.dense.resize(from.rows, width_);
    for (std::size_t k = 0; k < from.values.size(); ++k) {
      out.dense.values[k] = from.values[k] > threshold_ ? 1 : 0;
    }
    return {};
  }
  const SparseMatrix& from = in[0].sparse;
  out.sparse.clear(width_);
  for (std::size_t i = 0; i < from.rows; ++i) {
    const auto values = from.row_values(i);
    for (std::size_t k = 0; k < values.size(); ++k) {
      if (values[k] > threshold_) out.sparse.push(from.row_indices(i)[k], 1);
    }
    out.sparse.end_row();
  }
  return {};
}

std::string CenterKernel::describe() const {
  return fmt::format("centre a kernel with {} rows", means_.size());
}

base::Result<void> CenterKernel::run(const Inputs& in, Buffer& out, State*) const {
  const std::size_t width = means_.size();
  out.dense.resize(in.rows(), width);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    center_kernel_row(means_, mean_, in[0].dense.row(i), out.dense.row(i));
  }
  return {};
}

}  // namespace plan
