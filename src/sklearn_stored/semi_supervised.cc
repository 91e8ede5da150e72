#include "sklearn_stored/semi_supervised.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pickle/sparse.h"
#include "plan_kernels/kernel_sums.h"
#include "plan_kernels/row_kernel.h"
#include "plan_neighbors/propagate.h"
#include "sklearn_linear/linear_scores.h"
#include "sklearn_stored/neighbor_search.h"
#include "sklearn_values/matrix.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::LinkKind;
using plan::Method;
using plan::Port;

// Shares of the classes that the rows of the fit were labelled with, near ones first.
class PropagatedLabels final : public Estimator {
 public:
  struct Fitted {
    data::Labels classes;
    std::size_t features = 0;
    Form form = Form::Dense;                 // Of the rows that `sums` reads.
    std::shared_ptr<const plan::Step> sums;  // Of rows, or of what `search` found.
    std::optional<NeighborSearch> search;
  };
  explicit PropagatedLabels(Fitted fitted) : fitted_(std::move(fitted)) {}
  bool has(Method method) const override {
    return method == Method::Predict || method == Method::PredictProba;
  }
  std::vector<data::Labels> classes() const override { return {fitted_.classes}; }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port from, source(builder, input));
    const std::size_t count = data::label_count(fitted_.classes);
    const Port sums = builder.add(fitted_.sums, from, Form::Dense, count);
    const Port shares =
        builder.add(std::make_shared<plan::LabelShares>(), sums, Form::Dense, count);
    return method == Method::Predict ? linked(builder, LinkKind::ArgMax, shares) : shares;
  }

  base::Result<Port> source(Builder& builder, const Port& input) const {
    if (fitted_.search) return fitted_.search->emit(builder, input);
    TRY_ASSIGN(const Port rows, builder.finite(input, fitted_.features));
    return fitted_.form == Form::Sparse ? builder.sparse(rows) : builder.dense(rows);
  }

  Fitted fitted_;
};

struct PropagationKernel {
  std::shared_ptr<const plan::RowKernel> kernel;
  std::size_t features = 0;
};

base::Result<PropagationKernel> read_propagation_kernel(const Object& object, Reader& reader) {
  plan::KernelOptions options{.kind = plan::KernelKind::Rbf};
  TRY_ASSIGN(options.gamma, object.number("gamma"));
  TRY_ASSIGN(const pickle::Value value, object.get("X_"));
  if (pickle::is_sparse(value)) {
    TRY_ASSIGN(const plan::SparseMatrix rows, read_csr(object, "X_", reader));
    return PropagationKernel{plan::make_sparse_kernel(options, rows), rows.columns};
  }
  TRY_ASSIGN(const plan::Matrix rows, read_matrix(object, "X_", reader));
  return PropagationKernel{plan::make_row_kernel(options, rows), rows.columns};
}

// label_distributions_, rows of the fit x classes.
base::Result<plan::Matrix> read_distributions(const Object& object, std::size_t rows,
                                              std::size_t classes) {
  if (rows == 0 || classes == 0) {
    return object.unexpected("label_distributions_", "rows and classes", "none");
  }
  return read_matrix(object, "label_distributions_", rows, classes);
}

Made read_label_propagation(const Object& object, Reader& reader) {
  PropagatedLabels::Fitted fitted;
  TRY_ASSIGN(fitted.classes, object.labels("classes_"));
  const std::size_t count = data::label_count(fitted.classes);
  TRY_ASSIGN(const pickle::Value kernel, object.get("kernel"));
  if (kernel.as_string() == "knn") {
    TRY_ASSIGN(const pickle::Value value, object.get("nn_fit"));
    TRY_ASSIGN(const Object nearest, Object::of(value, object.release()));
    TRY_ASSIGN(fitted.search, read_nearest_search(nearest, reader));
    TRY_ASSIGN(auto labels, read_distributions(object, fitted.search->index->rows(), count));
    fitted.features = fitted.search->index->features();
    fitted.sums = std::make_shared<plan::NeighborLabelSums>(std::move(labels));
    return std::make_unique<PropagatedLabels>(std::move(fitted));
  }
  if (kernel.as_string() != "rbf") {
    return object.unsupported("kernel", "rbf or knn", describe(kernel));
  }
  TRY_ASSIGN(auto read, read_propagation_kernel(object, reader));
  TRY_ASSIGN(const auto labels, read_distributions(object, read.kernel->rows(), count));
  fitted.features = read.features;
  fitted.form = read.kernel->form();
  fitted.sums = plan::KernelSums::over_all(std::move(read.kernel), transposed(labels).values,
                                           std::vector<double>(count));
  return std::make_unique<PropagatedLabels>(std::move(fitted));
}

constexpr Entry kSemiSupervised[] = {
    {"sklearn.semi_supervised", "LabelPropagation", read_label_propagation},
    {"sklearn.semi_supervised", "LabelSpreading", read_label_propagation},
};

}  // namespace

std::span<const Entry> semi_supervised_entries() { return kSemiSupervised; }

}  // namespace sklearn
