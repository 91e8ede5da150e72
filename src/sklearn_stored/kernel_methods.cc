#include "sklearn_stored/kernel_methods.h"

#include <cmath>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "pickle/sparse.h"
#include "plan_kernels/centered_kernel.h"
#include "plan_kernels/kernel_sums.h"
#include "sklearn_stored/kernel_options.h"
#include "sklearn_values/arrays.h"
#include "sklearn_values/matrix.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::Method;
using plan::Port;

using RowKernelPtr = std::shared_ptr<const plan::RowKernel>;

struct FittedKernel {
  RowKernelPtr kernel;
  std::size_t features = 0;
};

// X_fit_, dense or sparse, under the kernel that the attributes name.
base::Result<FittedKernel> read_fitted_kernel(const Object& object, Reader& reader,
                                              std::string_view gamma) {
  TRY_ASSIGN(const pickle::Value value, object.get("X_fit_"));
  FittedKernel read;
  if (pickle::is_sparse(value)) {
    TRY_ASSIGN(const plan::SparseMatrix rows, read_csr(object, "X_fit_", reader));
    read.features = rows.columns;
    TRY_ASSIGN(const auto options, read_kernel_options(object, rows.columns, gamma));
    if (options.kind == plan::KernelKind::Chi2 || options.kind == plan::KernelKind::AdditiveChi2) {
      return object.unsupported("X_fit_", "dense rows for this kernel", "sparse rows");
    }
    read.kernel = plan::make_sparse_kernel(options, rows);
    return read;
  }
  TRY_ASSIGN(const plan::Matrix rows, read_matrix(object, "X_fit_", reader));
  if (rows.rows == 0) return object.unexpected("X_fit_", "rows", "none");
  read.features = rows.columns;
  TRY_ASSIGN(auto options, read_kernel_options(object, rows.columns, gamma));
  options.expanded = true;
  read.kernel = plan::make_row_kernel(options, rows);
  return read;
}

class KernelEstimator final : public Estimator {
 public:
  KernelEstimator(FittedKernel fitted, std::shared_ptr<const plan::Step> sums, Method method,
                  std::vector<std::string> names, std::size_t outputs)
      : fitted_(std::move(fitted)),
        sums_(std::move(sums)),
        method_(method),
        names_(std::move(names)),
        outputs_(outputs) {}
  bool has(Method method) const override { return method == method_; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(Port rows, builder.finite(input, fitted_.features));
    if (fitted_.kernel->form() == Form::Sparse) {
      TRY_ASSIGN(rows, builder.sparse(rows));
    } else {
      TRY_ASSIGN(rows, builder.dense(rows));
    }
    if (outputs_ == 0) {
      // The rows are checked, and nothing is left of them.
      TRY_ASSIGN(rows, builder.dense(rows));
      return builder.select(rows, std::span<const std::size_t>());
    }
    return builder.add(sums_, rows, Form::Dense, outputs_, names_);
  }

  FittedKernel fitted_;
  std::shared_ptr<const plan::Step> sums_;
  Method method_;
  std::vector<std::string> names_;
  std::size_t outputs_;
};

// `numbers`, rows x outputs, with each output's together.
std::vector<double> by_output_of(const std::vector<double>& numbers, std::size_t rows) {
  const std::size_t outputs = numbers.size() / rows;
  std::vector<double> made(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    made[i % outputs * rows + i / outputs] = numbers[i];
  }
  return made;
}

Made read_kernel_ridge(const Object& object, Reader& reader) {
  TRY_ASSIGN(FittedKernel fitted, read_fitted_kernel(object, reader, "gamma"));
  TRY_ASSIGN(const auto dual, object.doubles("dual_coef_"));
  const std::size_t rows = fitted.kernel->rows();
  if (rows == 0 || dual.empty() || dual.size() % rows != 0) {
    return object.unexpected("dual_coef_", fmt::format("numbers for {} rows", rows),
                             std::to_string(dual.size()));
  }
  const std::size_t outputs = dual.size() / rows;
  auto sums = plan::KernelSums::over_all(fitted.kernel, by_output_of(dual, rows),
                                         std::vector<double>(outputs));
  return std::make_unique<KernelEstimator>(std::move(fitted), std::move(sums), Method::Predict,
                                           std::vector<std::string>(), outputs);
}

// eigenvectors_ over the roots of eigenvalues_ (alphas_ and lambdas_ before 1.0); a component
// without variance is left at 0, since 0.21. There may be no components at all.
base::Result<plan::Matrix> read_scaled_eigenvectors(const Object& object, std::size_t rows,
                                                    Reader& reader) {
  const bool old = !object.has("eigenvectors_");
  const char* name = old ? "alphas_" : "eigenvectors_";
  TRY_ASSIGN(plan::Matrix vectors, read_matrix(object, name, reader));
  // Rows of no columns are no rows to whoever reads a matrix.
  if (vectors.columns == 0) vectors.rows = rows;
  TRY_ASSIGN(const auto values, object.doubles(old ? "lambdas_" : "eigenvalues_", vectors.columns));
  if (vectors.rows != rows) {
    return object.unexpected(name, fmt::format("{} rows", rows), std::to_string(vectors.rows));
  }
  const bool zeros = object.release() >= Release{0, 21};
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t k = 0; k < vectors.columns; ++k) {
      double& vector = vectors.row(i)[k];
      vector = values[k] == 0 && zeros ? 0 : vector / std::sqrt(values[k]);
    }
  }
  return vectors;
}

Made read_kernel_pca(const Object& object, Reader& reader) {
  TRY_ASSIGN(FittedKernel fitted,
             read_fitted_kernel(object, reader, object.has("gamma_") ? "gamma_" : "gamma"));
  const std::size_t rows = fitted.kernel->rows();
  TRY_ASSIGN(KernelProjection read, read_kernel_projection(object, rows, reader));
  fitted.kernel = plan::make_centered_kernel(fitted.kernel, std::move(read.row_means), read.mean);
  const std::size_t outputs = read.vectors.columns;
  auto sums = plan::KernelSums::over_all(fitted.kernel, transposed(read.vectors).values,
                                         std::vector<double>(outputs));
  return std::make_unique<KernelEstimator>(std::move(fitted), std::move(sums), Method::Transform,
                                           prefixed_names(object, outputs), outputs);
}

constexpr Entry kKernelRidge[] = {{"sklearn.kernel_ridge", "KernelRidge", read_kernel_ridge}};
constexpr Entry kKernelPca[] = {{"sklearn.decomposition", "KernelPCA", read_kernel_pca, true}};

}  // namespace

base::Result<KernelProjection> read_kernel_projection(const Object& object, std::size_t rows,
                                                      Reader& reader) {
  KernelProjection read;
  TRY_ASSIGN(read.vectors, read_scaled_eigenvectors(object, rows, reader));
  if (rows == 0) return object.unexpected("X_fit_", "rows", "none");
  TRY_ASSIGN(const pickle::Value value, object.get("_centerer"));
  TRY_ASSIGN(const Object centerer, Object::of(value, object.release()));
  TRY_ASSIGN(read.row_means, centerer.doubles("K_fit_rows_", rows));
  TRY_ASSIGN(read.mean, centerer.number("K_fit_all_"));
  return read;
}

std::span<const Entry> kernel_ridge_entries() { return kKernelRidge; }
std::span<const Entry> kernel_pca_entries() { return kKernelPca; }

}  // namespace sklearn
