#include "sklearn_stored/kernel_approximation.h"

#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "pickle/sparse.h"
#include "plan_kernels/kernel_sums.h"
#include "plan_kernels/random_features.h"
#include "sklearn_linear/linear_scores.h"
#include "sklearn_linear/projection.h"
#include "sklearn_preparation/scalers.h"
#include "sklearn_stored/kernel_options.h"
#include "sklearn_values/arrays.h"
#include "sklearn_values/feature_names.h"
#include "sklearn_values/matrix.h"

namespace sklearn {
namespace {

using pickle::Value;
using plan::Builder;
using plan::Form;
using plan::KernelKind;
using plan::Method;
using plan::Port;

// The kernel of each row with some of the training data, normalised.
class Nystroem final : public Estimator {
 public:
  struct Sample {
    std::shared_ptr<const plan::RowKernel> kernel;
    std::size_t features = 0;
    bool counts = false;  // Of what is not negative.
  };
  Nystroem(Sample sample, Projection normalize, std::vector<std::string> names)
      : sample_(std::move(sample)), normalize_(std::move(normalize)), names_(std::move(names)) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(Port port, builder.finite(input, sample_.features));
    if (sample_.kernel->form() == Form::Sparse) {
      TRY_ASSIGN(port, builder.sparse(port));
    } else {
      TRY_ASSIGN(port, builder.dense(port));
    }
    if (sample_.counts) {
      port = builder.add(std::make_shared<plan::NotNegative>(Form::Dense, port.names), port,
                         Form::Dense, port.width, port.names);
    }
    const Port kernel = builder.add(std::make_shared<plan::KernelValues>(sample_.kernel), port,
                                    Form::Dense, sample_.kernel->rows());
    return normalize_.of(builder, kernel, names_);
  }

  Sample sample_;
  Projection normalize_;
  std::vector<std::string> names_;
};

// cos(x W + offset), where x may first be shifted and its logarithm taken.
class FourierSampler final : public Estimator {
 public:
  FourierSampler(Projection projection, double factor, std::optional<double> skewedness,
                 std::vector<std::string> names)
      : projection_(std::move(projection)),
        factor_(factor),
        skewedness_(skewedness),
        names_(std::move(names)) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(Port port, builder.finite(input, projection_.features()));
    if (skewedness_) {
      TRY_ASSIGN(port, builder.dense(port));
      port = builder.add(std::make_shared<plan::ShiftedLog>(port.width, *skewedness_, port.names),
                         port, Form::Dense, port.width);
    }
    const Port angles = projection_.of(builder, port);
    return builder.add(std::make_shared<plan::Cosines>(angles.width, factor_), angles, Form::Dense,
                       angles.width, names_);
  }

  Projection projection_;
  double factor_;
  std::optional<double> skewedness_;
  std::vector<std::string> names_;
};

class AdditiveChi2Sampler final : public Estimator {
 public:
  AdditiveChi2Sampler(std::optional<std::size_t> width, std::size_t steps, double interval)
      : width_(width), steps_(steps), interval_(interval) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port port, builder.finite(input, width_));
    const Port checked = builder.add(std::make_shared<plan::NotNegative>(port.form, port.names),
                                     port, port.form, port.width, port.names);
    auto step = std::make_shared<plan::AdditiveChi2>(port.form, port.width, steps_, interval_);
    const std::size_t outputs = step->outputs();
    return builder.add(std::move(step), checked, port.form, outputs, names(port, outputs));
  }

  std::vector<std::string> names(const Port& port, std::size_t outputs) const {
    static constexpr std::string_view kPrefix = "additivechi2sampler";
    std::vector<std::string> names;
    if (outputs > plan::kNamedFeaturesMax) return names;
    const auto inputs = names_of(port);
    for (const std::string& each : inputs)
      names.push_back(fmt::format("{}_{}_sqrt", kPrefix, each));
    for (std::size_t k = 1; k < steps_; ++k) {
      for (const char* wave : {"cos", "sin"}) {
        for (const std::string& each : inputs) {
          names.push_back(fmt::format("{}_{}_{}{}", kPrefix, each, wave, k));
        }
      }
    }
    return names;
  }

  std::optional<std::size_t> width_;
  std::size_t steps_;
  double interval_;
};

class PolynomialCountSketch final : public Estimator {
 public:
  PolynomialCountSketch(plan::CountSketch::Fitted fitted, std::vector<std::string> names)
      : fitted_(std::move(fitted)), names_(std::move(names)) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port spread, builder.dense(input, fitted_.features));
    TRY_ASSIGN(const Port port, builder.finite(spread, fitted_.features));
    return builder.add(std::make_shared<plan::CountSketch>(fitted_), port, Form::Dense,
                       fitted_.components, names_);
  }

  plan::CountSketch::Fitted fitted_;
  std::vector<std::string> names_;
};

base::Result<KernelKind> read_nystroem_kernel(const Object& object) {
  static constexpr std::pair<std::string_view, KernelKind> kKinds[] = {
      {"additive_chi2", KernelKind::AdditiveChi2},
      {"chi2", KernelKind::Chi2},
      {"cosine", KernelKind::Cosine},
      {"laplacian", KernelKind::Laplacian},
      {"linear", KernelKind::Linear},
      {"poly", KernelKind::Polynomial},
      {"polynomial", KernelKind::Polynomial},
      {"rbf", KernelKind::Rbf},
      {"sigmoid", KernelKind::Sigmoid}};
  TRY_ASSIGN(const Value value, object.get("kernel"));
  for (const auto& [name, kind] : kKinds) {
    if (value.as_string() == name) return kind;
  }
  return object.unsupported("kernel", "a kernel of sklearn.metrics.pairwise by name",
                            describe(value));
}

// A parameter of the kernel: the estimator's own, else kernel_params, else what the kernel says.
base::Result<double> read_kernel_parameter(const Object& object, const char* name, double absent) {
  if (object.has(name)) return object.number(name);
  const auto parameters = object.find("kernel_params");
  const auto value = parameters ? parameters->find(name) : std::nullopt;
  if (!value || value->is_none()) return absent;
  if (const auto number = value->as_float()) return *number;
  return object.unexpected("kernel_params", "numbers", *value);
}

base::Result<plan::KernelOptions> read_nystroem_options(const Object& object,
                                                        std::size_t features) {
  if (features == 0) return object.unexpected("components_", "at least one number", "none");
  plan::KernelOptions options;
  TRY_ASSIGN(options.kind, read_nystroem_kernel(object));
  const bool chi2 = options.kind == KernelKind::Chi2;
  const double usual = chi2 ? 1 : 1 / static_cast<double>(features);
  TRY_ASSIGN(options.gamma, read_kernel_parameter(object, "gamma", usual));
  TRY_ASSIGN(options.coef0, read_kernel_parameter(object, "coef0", 1));
  TRY_ASSIGN(options.degree, read_kernel_parameter(object, "degree", 3));
  options.least_norm = least_norm_of(object);
  options.expanded = true;
  return options;
}

// components_, some of the rows that it was fitted with: sparse where those were.
base::Result<Nystroem::Sample> read_nystroem_sample(const Object& object, Reader& reader) {
  TRY_ASSIGN(const Value value, object.get("components_"));
  if (pickle::is_sparse(value)) {
    TRY_ASSIGN(const plan::SparseMatrix rows, read_csr(object, "components_", reader));
    TRY_ASSIGN(const auto options, read_nystroem_options(object, rows.columns));
    if (options.kind == KernelKind::Chi2 || options.kind == KernelKind::AdditiveChi2) {
      return object.unsupported("components_", "dense rows for this kernel", "sparse rows");
    }
    return Nystroem::Sample{plan::make_sparse_kernel(options, rows), rows.columns};
  }
  TRY_ASSIGN(const auto rows, read_matrix(object, "components_", reader));
  TRY_ASSIGN(const auto options, read_nystroem_options(object, rows.columns));
  const bool chi2 = options.kind == KernelKind::Chi2 || options.kind == KernelKind::AdditiveChi2;
  return Nystroem::Sample{plan::make_row_kernel(options, rows), rows.columns, chi2};
}

Made read_nystroem(const Object& object, Reader& reader) {
  TRY_ASSIGN(auto sample, read_nystroem_sample(object, reader));
  const std::size_t rows = sample.kernel->rows();
  if (rows == 0) return object.unexpected("components_", "at least one number", "none");
  TRY_ASSIGN(auto normalization, LinearScores::read_coefficients(object, reader, "normalization_"));
  const std::size_t count = normalization->outputs();
  TRY(same_count(object, "normalization_", rows, normalization->features()));
  return std::make_unique<Nystroem>(std::move(sample), Projection(std::move(normalization)),
                                    prefixed_names(object, count));
}

// random_weights_, features x components, and random_offset_.
base::Result<Projection> read_fourier_projection(const Object& object) {
  TRY_ASSIGN(const Numbers weights, numbers_of(object, "random_weights_"));
  TRY_ASSIGN(auto offsets, object.doubles("random_offset_", weights.columns));
  return Projection(by_feature(weights), std::move(offsets));
}

Made read_rbf_sampler(const Object& object, Reader&) {
  TRY_ASSIGN(auto projection, read_fourier_projection(object));
  TRY_ASSIGN(const double components, object.number("n_components"));
  const double factor = std::sqrt(2 / components);
  auto names = prefixed_names(object, projection.outputs());
  return std::make_unique<FourierSampler>(std::move(projection), factor, std::nullopt,
                                          std::move(names));
}

Made read_skewed_chi2_sampler(const Object& object, Reader&) {
  TRY_ASSIGN(auto projection, read_fourier_projection(object));
  TRY_ASSIGN(const double components, object.number("n_components"));
  TRY_ASSIGN(const double skewedness, object.number("skewedness"));
  const double factor = std::sqrt(2.0) / std::sqrt(components);
  auto names = prefixed_names(object, projection.outputs());
  return std::make_unique<FourierSampler>(std::move(projection), factor, skewedness,
                                          std::move(names));
}

Made read_additive_chi2_sampler(const Object& object, Reader&) {
  static constexpr double kIntervals[] = {0.8, 0.5, 0.4};
  TRY_ASSIGN(const auto steps, object.integer("sample_steps"));
  if (steps < 1 || steps > 1000) {
    return object.unexpected("sample_steps", "1 to 1000", std::to_string(steps));
  }
  double interval = steps <= 3 ? kIntervals[steps - 1] : 0;
  if (object.has("sample_interval")) {
    TRY_ASSIGN(interval, object.number("sample_interval"));
  } else if (steps > 3) {
    return object.unexpected("sample_interval", "a number for more than 3 steps", "None");
  }
  TRY_ASSIGN(const auto width, read_width(object));
  return std::make_unique<AdditiveChi2Sampler>(width, static_cast<std::size_t>(steps), interval);
}

Made read_polynomial_count_sketch(const Object& object, Reader&) {
  plan::CountSketch::Fitted fitted;
  TRY_ASSIGN(const auto components, object.integer("n_components"));
  TRY_ASSIGN(fitted.gamma, object.number("gamma"));
  TRY_ASSIGN(fitted.coef0, object.number("coef0"));
  TRY_ASSIGN(const Table hashes, object.table("indexHash_"));
  TRY_ASSIGN(const auto places, object.integers("indexHash_"));
  TRY_ASSIGN(fitted.signs, object.doubles("bitHash_", places.size()));
  if (components < 1 || components > 10'000'000) {
    return object.unexpected("n_components", "1 to 10000000", std::to_string(components));
  }
  fitted.components = static_cast<std::size_t>(components);
  for (const std::int64_t place : places) {
    if (place < 0 || place >= components) {
      return object.unexpected("indexHash_", fmt::format("places below {}", components),
                               std::to_string(place));
    }
    fitted.components_of.push_back(static_cast<std::size_t>(place));
  }
  const std::size_t more = fitted.coef0 != 0 ? 1 : 0;
  if (hashes.columns <= more) {
    return object.unexpected("indexHash_", "a column for each feature",
                             std::to_string(hashes.columns));
  }
  fitted.features = hashes.columns - more;
  auto names = prefixed_names(object, fitted.components);
  return std::make_unique<PolynomialCountSketch>(std::move(fitted), std::move(names));
}

constexpr Entry kKernelApproximation[] = {
    {"sklearn.kernel_approximation", "AdditiveChi2Sampler", read_additive_chi2_sampler},
    {"sklearn.kernel_approximation", "Nystroem", read_nystroem, true},
    {"sklearn.kernel_approximation", "PolynomialCountSketch", read_polynomial_count_sketch, true},
    {"sklearn.kernel_approximation", "RBFSampler", read_rbf_sampler, true},
    {"sklearn.kernel_approximation", "SkewedChi2Sampler", read_skewed_chi2_sampler},
};

}  // namespace

std::span<const Entry> kernel_approximation_entries() { return kKernelApproximation; }

}  // namespace sklearn
