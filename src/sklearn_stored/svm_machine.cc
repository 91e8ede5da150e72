#include "sklearn_stored/svm_machine.h"

#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "pickle/sparse.h"
#include "plan_kernels/kernel_sums.h"
#include "plan_kernels/row_kernel.h"
#include "plan_scores/linear.h"
#include "sklearn_values/matrix.h"

namespace sklearn {
namespace {

using Terms = std::vector<plan::KernelSums::Term>;

// What of an SVM does not depend on how its rows lie.
struct SvmParts {
  plan::KernelOptions kernel;
  std::vector<double> weights;  // outputs of _dual_coef_ x support vectors
  std::vector<double> intercepts;
  Terms terms;
};

base::Result<plan::KernelOptions> read_svm_kernel(const Object& object) {
  TRY_ASSIGN(const pickle::Value value, object.get("kernel"));
  const auto name = value.as_string();
  plan::KernelOptions options;
  if (name == "linear") {
    options.kind = plan::KernelKind::Linear;
    return options;
  }
  if (name == "poly") {
    options.kind = plan::KernelKind::Polynomial;
  } else if (name == "sigmoid") {
    options.kind = plan::KernelKind::Sigmoid;
  } else if (name != "rbf") {
    return object.unsupported("kernel", "linear, poly, rbf or sigmoid", describe(value));
  }
  TRY_ASSIGN(options.gamma, object.number("_gamma"));
  TRY_ASSIGN(options.coef0, object.number("coef0"));
  TRY_ASSIGN(options.degree, object.number("degree"));
  return options;
}

// _dual_coef_, a matrix of every element even where it is a sparse one.
base::Result<std::vector<double>> read_dual_coefficients(const Object& object, std::size_t rows,
                                                         std::size_t vectors) {
  TRY_ASSIGN(const pickle::Value value, object.get("_dual_coef_"));
  if (vectors == 0) return std::vector<double>();
  if (!pickle::is_sparse(value)) {
    TRY_ASSIGN(plan::Matrix matrix, read_matrix(object, "_dual_coef_", rows, vectors));
    return std::move(matrix.values);
  }
  auto matrix = pickle::as_csr(value);
  if (!matrix.ok()) return std::move(matrix).error().within(object.title());
  if (matrix->rows != rows || matrix->columns != vectors) {
    return object.unexpected("_dual_coef_", fmt::format("{} x {} numbers", rows, vectors),
                             fmt::format("{} x {}", matrix->rows, matrix->columns));
  }
  if (matrix->data.size() < rows * vectors / 2) {
    return object.unexpected("_dual_coef_", "a number for each support vector", value);
  }
  std::vector<double> weights(rows * vectors);
  for (std::size_t r = 0; r < rows; ++r) {
    for (auto k = static_cast<std::size_t>(matrix->indptr[r]);
         k < static_cast<std::size_t>(matrix->indptr[r + 1]); ++k) {
      weights[r * vectors + static_cast<std::size_t>(matrix->indices[k])] += matrix->data[k];
    }
  }
  return weights;
}

// How many support vectors each class has; they lie class by class.
base::Result<std::vector<std::size_t>> read_class_starts(const Object& object, std::size_t classes,
                                                         std::size_t vectors) {
  const char* attribute = object.has("_n_support") ? "_n_support" : "n_support_";
  TRY_ASSIGN(const auto counts, object.integers(attribute));
  std::vector<std::size_t> starts = {0};
  for (const std::int64_t count : counts) {
    if (count < 0 || static_cast<std::uint64_t>(count) > vectors - starts.back()) break;
    starts.push_back(starts.back() + static_cast<std::size_t>(count));
  }
  if (counts.size() != classes || starts.size() != classes + 1 || starts.back() != vectors) {
    return object.unexpected(
        attribute, fmt::format("counts of {} classes of {} support vectors", classes, vectors),
        fmt::format("[{}]", fmt::join(counts, ", ")));
  }
  return starts;
}

// The sum that decides between classes i and j takes the vectors of both: of class i by the weights
// in row j - 1, of class j by those in row i.
Terms pair_terms(const std::vector<std::size_t>& starts, std::size_t vectors) {
  Terms terms;
  const std::size_t classes = starts.size() - 1;
  std::size_t pair = 0;
  for (std::size_t i = 0; i < classes; ++i) {
    for (std::size_t j = i + 1; j < classes; ++j, ++pair) {
      const auto add = [&](std::size_t of, std::size_t row) {
        terms.push_back({.output = pair,
                         .first = starts[of],
                         .count = starts[of + 1] - starts[of],
                         .weight = row * vectors + starts[of]});
      };
      add(i, j - 1);
      add(j, i);
    }
  }
  return terms;
}

base::Result<SvmParts> read_svm_parts(const Object& object, Reader& reader, std::size_t classes,
                                      std::size_t vectors) {
  SvmParts parts;
  TRY_ASSIGN(parts.kernel, read_svm_kernel(object));
  const std::size_t rows = classes == 0 ? 1 : classes - 1;
  TRY_ASSIGN(parts.weights, read_dual_coefficients(object, rows, vectors));
  const std::size_t outputs = classes == 0 ? 1 : classes * (classes - 1) / 2;
  TRY_ASSIGN(parts.intercepts, object.doubles("_intercept_", outputs));
  if (vectors == 0) return parts;
  if (!reader.spend(outputs)) {
    return object.unexpected("classes_", "fewer classes", std::to_string(classes));
  }
  if (classes == 0) {
    parts.terms = {{.output = 0, .first = 0, .count = vectors, .weight = 0}};
    return parts;
  }
  TRY_ASSIGN(const auto starts, read_class_starts(object, classes, vectors));
  parts.terms = pair_terms(starts, vectors);
  return parts;
}

void add_weighted(const plan::Matrix& vectors, std::size_t row, double weight, double* to) {
  const double* from = vectors.row(row);
  for (std::size_t f = 0; f < vectors.columns; ++f) to[f] += weight * from[f];
}

void add_weighted(const plan::SparseMatrix& vectors, std::size_t row, double weight, double* to) {
  const auto indices = vectors.row_indices(row);
  const auto values = vectors.row_values(row);
  for (std::size_t k = 0; k < indices.size(); ++k) to[indices[k]] += weight * values[k];
}

std::shared_ptr<const plan::RowKernel> kernel_with(const plan::KernelOptions& options,
                                                   const plan::Matrix& vectors) {
  return plan::make_row_kernel(options, vectors);
}

std::shared_ptr<const plan::RowKernel> kernel_with(const plan::KernelOptions& options,
                                                   const plan::SparseMatrix& vectors) {
  return plan::make_sparse_kernel(options, vectors);
}

// A linear kernel's sums are those of one vector for each output.
template <typename Vectors>
std::shared_ptr<const plan::Step> linear_sums(const SvmParts& parts, plan::Form form,
                                              const Vectors& vectors) {
  const std::size_t outputs = parts.intercepts.size();
  std::vector<double> coefficients(outputs * vectors.columns);
  for (const auto& term : parts.terms) {
    double* to = coefficients.data() + term.output * vectors.columns;
    for (std::size_t k = 0; k < term.count; ++k) {
      add_weighted(vectors, term.first + k, parts.weights[term.weight + k], to);
    }
  }
  auto made = plan::Coefficients::make({.outputs = outputs,
                                        .features = vectors.columns,
                                        .doubles = std::as_bytes(std::span(coefficients))});
  return std::make_shared<plan::Linear>(form, std::move(made), parts.intercepts);
}

template <typename Vectors>
SvmMachine machine_of(const Vectors& vectors, plan::Form form, SvmParts parts, Reader& reader) {
  SvmMachine machine{.sums = nullptr,
                     .form = form,
                     .features = vectors.columns,
                     .outputs = parts.intercepts.size()};
  if (parts.kernel.kind == plan::KernelKind::Linear &&
      reader.spend(machine.outputs * machine.features)) {
    machine.sums = linear_sums(parts, form, vectors);
    return machine;
  }
  machine.sums =
      std::make_shared<plan::KernelSums>(kernel_with(parts.kernel, vectors), std::move(parts.terms),
                                         std::move(parts.weights), std::move(parts.intercepts));
  return machine;
}

}  // namespace

base::Result<plan::Port> SvmMachine::emit(plan::Builder& builder, const plan::Port& input) const {
  TRY_ASSIGN(plan::Port rows, builder.finite(input, features));
  if (form == plan::Form::Sparse) {
    TRY_ASSIGN(rows, builder.sparse(rows));
  } else {
    TRY_ASSIGN(rows, builder.dense(rows));
  }
  return builder.add(sums, rows, plan::Form::Dense, outputs);
}

base::Result<SvmMachine> read_svm_machine(const Object& object, Reader& reader,
                                          std::size_t classes) {
  constexpr const char* kVectors = "support_vectors_";
  TRY_ASSIGN(const pickle::Value value, object.get(kVectors));
  if (pickle::is_sparse(value)) {
    TRY_ASSIGN(const plan::SparseMatrix vectors, read_csr(object, kVectors, reader));
    TRY_ASSIGN(SvmParts parts, read_svm_parts(object, reader, classes, vectors.rows));
    return machine_of(vectors, plan::Form::Sparse, std::move(parts), reader);
  }
  TRY_ASSIGN(const plan::Matrix vectors, read_matrix(object, kVectors, reader));
  TRY_ASSIGN(SvmParts parts, read_svm_parts(object, reader, classes, vectors.rows));
  return machine_of(vectors, plan::Form::Dense, std::move(parts), reader);
}

}  // namespace sklearn
