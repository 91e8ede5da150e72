#include "sklearn_linear/covariance.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan_scores/whitened.h"
#include "sklearn_linear/linear_scores.h"
#include "sklearn_values/matrix.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::Function;
using plan::Method;
using plan::Port;

// Before 0.20 the distances had no sign, and the decision was one of their 0.33th powers.
class Envelope final : public Estimator {
 public:
  struct Fitted {
    std::size_t features = 0;
    std::shared_ptr<const plan::Whitened> decision;  // Above 0 where it is an inlier.
    std::shared_ptr<const plan::Whitened> samples;
    std::shared_ptr<const plan::ThresholdRoot> root;  // Of the samples; null since 0.20.
  };
  explicit Envelope(Fitted fitted) : fitted_(std::move(fitted)) {}
  bool has(Method method) const override {
    return method == Method::Predict || method == Method::DecisionFunction ||
           (method == Method::ScoreSamples && fitted_.root == nullptr);
  }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port checked, builder.finite(input, fitted_.features));
    TRY_ASSIGN(const Port features, builder.dense(checked));
    if (method == Method::DecisionFunction && fitted_.root != nullptr) {
      const Port samples = builder.add(fitted_.samples, features, Form::Dense, 1);
      return builder.add(fitted_.root, samples, Form::Dense, 1);
    }
    const Port scores =
        builder.add(method == Method::ScoreSamples ? fitted_.samples : fitted_.decision, features,
                    Form::Dense, 1);
    return method == Method::Predict ? mapped(builder, Function::Inlier, scores) : scores;
  }

  Fitted fitted_;
};

// precision_, or where it was not stored the inverse of covariance_.
base::Result<plan::Matrix> read_precision(const Object& object, std::size_t features) {
  const bool stored = object.has("precision_");
  TRY_ASSIGN(plan::Matrix matrix,
             read_matrix(object, stored ? "precision_" : "covariance_", features, features));
  if (stored) return matrix;
  plan::Matrix identity;
  identity.resize(features, features);
  for (std::size_t k = 0; k < features; ++k) identity.row(k)[k] = 1;
  auto inverse = solve(std::move(matrix), std::move(identity));
  const auto finite = [](double each) { return std::isfinite(each); };
  if (!inverse || !std::all_of(inverse->values.begin(), inverse->values.end(), finite)) {
    return object.unsupported("covariance_", "one that can be inverted", "another");
  }
  return *std::move(inverse);
}

std::shared_ptr<const plan::Whitened> distance_from(double constant,
                                                    const std::vector<double>& location,
                                                    const plan::Matrix& precision) {
  std::vector<plan::Whitened::Part> parts = {{.constant = constant,
                                              .center = location,
                                              .matrix = precision.values,
                                              .columns = location.size(),
                                              .distance = true}};
  return std::make_shared<const plan::Whitened>(std::move(parts));
}

Made read_elliptic_envelope(const Object& object, Reader&) {
  TRY_ASSIGN(const auto location, object.doubles("location_"));
  if (location.empty()) return object.unexpected("location_", "a number for each feature", "none");
  TRY_ASSIGN(const plan::Matrix precision, read_precision(object, location.size()));
  Envelope::Fitted fitted{.features = location.size()};
  fitted.samples = distance_from(0, location, precision);
  if (object.release() >= Release{0, 20}) {
    TRY_ASSIGN(const double offset, object.number("offset_"));
    fitted.decision = distance_from(-offset, location, precision);
    return std::make_unique<Envelope>(std::move(fitted));
  }
  if (!object.has("contamination")) {
    return object.unsupported("contamination", "a rate, which predict asks for", "None");
  }
  TRY_ASSIGN(const double threshold, object.number("threshold_"));
  fitted.decision = distance_from(threshold, location, precision);
  fitted.root = std::make_shared<const plan::ThresholdRoot>(threshold);
  return std::make_unique<Envelope>(std::move(fitted));
}

constexpr Entry kCovariance[] = {
    {"sklearn.covariance", "EllipticEnvelope", read_elliptic_envelope},
};

}  // namespace

std::span<const Entry> covariance_entries() { return kCovariance; }

}  // namespace sklearn
