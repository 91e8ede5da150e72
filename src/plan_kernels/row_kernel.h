#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "plan/buffer.h"
#include "plan_kernels/stored_rows.h"

namespace plan {

// Neighbouring rows of a buffer.
struct RowRange {
  std::size_t first = 0;
  std::size_t count = 0;
};

// A function of a row and each of the rows that a fitted model keeps. Immutable; any thread may
// call it with memory of its own.
class RowKernel {
 public:
  RowKernel() = default;
  RowKernel(const RowKernel&) = delete;
  RowKernel& operator=(const RowKernel&) = delete;
  virtual ~RowKernel() = default;

  // The form of the rows it reads.
  virtual Form form() const { return Form::Dense; }
  // Of the rows that are kept.
  virtual std::size_t rows() const = 0;
  // The doubles that `out` of values() must have: rows() of answers, and room behind.
  virtual std::size_t room() const = 0;
  // The doubles of memory that values() wants besides.
  virtual std::size_t scratch() const { return 0; }
  virtual void values(const Buffer& in, std::size_t row, double* scratch, double* out) const = 0;
  // The same of some rows, room() doubles of `out` for each. The bits of an answer do not depend on
  // how many there are.
  virtual void values_of_rows(const Buffer& in, const RowRange& rows, double* scratch,
                              double* out) const;

  // "rbf kernel with 1000 rows of 30 features"
  virtual std::string describe() const = 0;
  virtual double row_ns() const = 0;
};

// sklearn.metrics.pairwise, libsvm: of a row x and a stored row y.
enum class KernelKind : std::uint8_t {
  Linear,           // x . y
  Polynomial,       // (gamma x . y + coef0) ^ degree
  Rbf,              // exp(-gamma |x - y|^2)
  Sigmoid,          // tanh(gamma x . y + coef0)
  Laplacian,        // exp(-gamma sum |x - y|)
  Cosine,           // x . y / (|x| |y|), 0 where one of them is 0
  Chi2,             // exp(-gamma sum (x - y)^2 / (x + y))
  AdditiveChi2,     // -sum (x - y)^2 / (x + y)
  SquaredDistance,  // |x - y|^2
  Manhattan         // sum |x - y|
};

struct KernelOptions {
  KernelKind kind = KernelKind::Rbf;
  double gamma = 1;
  double coef0 = 0;
  double degree = 3;
  // Rbf: the distance as x.x + y.y - 2 x.y, as sklearn.metrics.pairwise has it.
  bool expanded = false;
  double least_norm = 0;  // Cosine: a row that is shorter is not made longer.
  bool operator==(const KernelOptions&) const = default;
};

// Of dense rows.
std::shared_ptr<const RowKernel> make_row_kernel(const KernelOptions& options, const Matrix& rows);

// Of sparse rows, each feature once at most: all but the chi2.
std::shared_ptr<const RowKernel> make_sparse_kernel(const KernelOptions& options,
                                                    const SparseMatrix& rows);

}  // namespace plan
