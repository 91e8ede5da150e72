#include "sklearn_stored/gaussian_process.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan_kernels/kernel_sums.h"
#include "plan_kernels/laplace.h"
#include "plan_kernels/process_sums.h"
#include "plan_scores/link.h"
#include "sklearn_stored/process_kernel.h"
#include "sklearn_values/matrix.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::Method;
using plan::Port;

// X_train_ and kernel_.
struct ProcessRows {
  plan::ProcessKernelPtr kernel;
  std::size_t features = 0;

  base::Result<Port> emit(Builder& builder, const Port& input) const {
    TRY_ASSIGN(const Port rows, builder.finite(input, features));
    return builder.dense(rows);
  }
};

base::Result<ProcessRows> read_process_rows(const Object& object, Reader& reader) {
  TRY_ASSIGN(const plan::Matrix rows, read_matrix(object, "X_train_", reader));
  if (rows.rows == 0) return object.unexpected("X_train_", "rows", "none");
  ProcessRows read;
  read.features = rows.columns;
  TRY_ASSIGN(read.kernel, read_process_kernel(object, rows, reader));
  return read;
}

class ProcessRegressor final : public Estimator {
 public:
  ProcessRegressor(ProcessRows rows, std::shared_ptr<const plan::KernelSums> sums,
                   std::size_t outputs)
      : rows_(std::move(rows)), sums_(std::move(sums)), outputs_(outputs) {}
  bool has(Method method) const override { return method == Method::Predict; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port rows, rows_.emit(builder, input));
    return builder.add(sums_, rows, Form::Dense, outputs_);
  }

  ProcessRows rows_;
  std::shared_ptr<const plan::KernelSums> sums_;
  std::size_t outputs_;
};

// _y_train_mean and _y_train_std (since 0.23): one for each output.
base::Result<std::vector<double>> read_scale(const Object& object, const char* attribute,
                                             std::size_t outputs, double absent) {
  if (!object.has(attribute)) return std::vector<double>(outputs, absent);
  TRY_ASSIGN(auto numbers, object.doubles(attribute));
  if (numbers.size() == 1) numbers.resize(outputs, numbers.front());
  if (numbers.size() != outputs) {
    return object.unexpected(attribute, fmt::format("{} numbers", outputs),
                             std::to_string(numbers.size()));
  }
  return numbers;
}

const char* present(const Object& object, const char* name, const char* older) {
  return object.has(name) ? name : older;
}

Made read_process_regressor(const Object& object, Reader& reader) {
  TRY_ASSIGN(ProcessRows rows, read_process_rows(object, reader));
  TRY_ASSIGN(const auto alpha, object.doubles("alpha_"));
  const std::size_t count = rows.kernel->rows();
  if (alpha.empty() || alpha.size() % count != 0) {
    return object.unexpected("alpha_", fmt::format("numbers for {} rows", count),
                             std::to_string(alpha.size()));
  }
  const std::size_t outputs = alpha.size() / count;
  TRY_ASSIGN(auto mean,
             read_scale(object, present(object, "_y_train_mean", "y_train_mean"), outputs, 0));
  TRY_ASSIGN(const auto spread, read_scale(object, "_y_train_std", outputs, 1));
  std::vector<double> weights(alpha.size());
  for (std::size_t i = 0; i < alpha.size(); ++i) {
    const std::size_t k = i % outputs;
    weights[k * count + i / outputs] = alpha[i] * spread[k];
  }
  auto sums = plan::make_process_sums(rows.kernel, std::move(weights), std::move(mean));
  rows.kernel.reset();  // The sums have what they need of it.
  return std::make_unique<ProcessRegressor>(std::move(rows), std::move(sums), outputs);
}

// The classifier of two classes, of which scikit-learn makes one or several.
class LaplaceClassifier final : public Estimator {
 public:
  LaplaceClassifier(ProcessRows rows, plan::LaplaceProbabilities::Parts parts, data::Labels labels)
      : rows_(std::move(rows)),
        latent_(plan::KernelSums::over_all(rows_.kernel, parts.residuals, {0})),
        probabilities_(
            std::make_shared<plan::LaplaceProbabilities>(rows_.kernel, std::move(parts))),
        labels_(std::move(labels)) {}
  bool has(Method method) const override {
    return method == Method::Predict || method == Method::PredictProba;
  }
  std::vector<data::Labels> classes() const override { return {labels_}; }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port rows, rows_.emit(builder, input));
    if (method == Method::PredictProba) return builder.add(probabilities_, rows, Form::Dense, 2);
    const Port latent = builder.add(latent_, rows, Form::Dense, 1);
    return builder.add(std::make_shared<plan::Link>(plan::LinkKind::AboveZero, 1), latent,
                       Form::Dense, 1);
  }

  ProcessRows rows_;
  std::shared_ptr<const plan::Step> latent_;
  std::shared_ptr<const plan::Step> probabilities_;
  data::Labels labels_;
};

Made read_laplace_classifier(const Object& object, Reader& reader) {
  TRY_ASSIGN(ProcessRows rows, read_process_rows(object, reader));
  const std::size_t count = rows.kernel->rows();
  TRY_ASSIGN(data::Labels labels, object.labels("classes_"));
  if (data::label_count(labels) != 2) {
    return object.unexpected("classes_", "2 classes", std::to_string(data::label_count(labels)));
  }
  plan::LaplaceProbabilities::Parts parts;
  TRY_ASSIGN(parts.residuals, object.doubles("y_train_", count));
  TRY_ASSIGN(const auto pi, object.doubles("pi_", count));
  for (std::size_t i = 0; i < count; ++i) parts.residuals[i] -= pi[i];
  TRY_ASSIGN(parts.root_w, object.doubles("W_sr_", count));
  TRY_ASSIGN(parts.cholesky, read_matrix(object, "L_", count, count));
  return std::make_unique<LaplaceClassifier>(std::move(rows), std::move(parts), std::move(labels));
}

// Answers as the classifier inside does.
class ProcessClassifier final : public Estimator {
 public:
  ProcessClassifier(EstimatorPtr inner, data::Labels labels, bool probabilities)
      : inner_(std::move(inner)), labels_(std::move(labels)), probabilities_(probabilities) {}
  bool has(Method method) const override {
    return method == Method::Predict || (method == Method::PredictProba && probabilities_);
  }
  std::vector<data::Labels> classes() const override { return {labels_}; }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    return inner_->emit(method, builder, input);
  }

  EstimatorPtr inner_;
  data::Labels labels_;
  bool probabilities_;
};

Made read_process_classifier(const Object& object, Reader& reader) {
  TRY_ASSIGN(const pickle::Value value, object.get("base_estimator_"));
  TRY_ASSIGN(data::Labels labels, object.labels("classes_"));
  EstimatorPtr inner = reader.read(value, "base_estimator_");
  const std::size_t classes = data::label_count(labels);
  if (inner != nullptr) {
    const auto known = inner->classes();
    if (known.size() != 1 || data::label_count(known.front()) != classes) {
      return object.unexpected("classes_", "the classes of base_estimator_",
                               std::to_string(classes));
    }
  }
  const bool pairs = inner != nullptr && !inner->has(Method::PredictProba);
  return std::make_unique<ProcessClassifier>(std::move(inner), std::move(labels), !pairs);
}

constexpr Entry kGaussianProcess[] = {
    {"sklearn.gaussian_process", "GaussianProcessClassifier", read_process_classifier},
    {"sklearn.gaussian_process", "GaussianProcessRegressor", read_process_regressor},
    {"sklearn.gaussian_process", "_BinaryGaussianProcessClassifierLaplace",
     read_laplace_classifier},
};

}  // namespace

std::span<const Entry> gaussian_process_entries() { return kGaussianProcess; }

}  // namespace sklearn
