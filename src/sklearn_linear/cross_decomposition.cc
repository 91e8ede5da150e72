#include "sklearn_linear/cross_decomposition.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "plan_preparation/scale.h"
#include "sklearn_linear/linear_scores.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::Method;
using plan::Port;

// What it predicts: scores of the centered rows, which are scaled too before 1.5.
struct PlsPrediction {
  LinearScores scores;
  bool scaled = true;
};

class LeastSquares final : public Estimator {
 public:
  struct Parts {
    std::vector<double> mean;
    std::vector<double> scale;
    LinearScores rotation;
    std::vector<std::string> names;
    std::optional<PlsPrediction> prediction;  // PLSSVD has none.
  };
  explicit LeastSquares(Parts parts) : parts_(std::move(parts)) {}
  bool has(Method method) const override {
    return method == Method::Transform ||
           (method == Method::Predict && parts_.prediction.has_value());
  }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    const std::size_t width = parts_.mean.size();
    TRY_ASSIGN(const Port checked, builder.finite(input, width));
    TRY_ASSIGN(const Port features, builder.dense(checked));
    const bool predicts = method == Method::Predict;
    const bool scaled = !predicts || parts_.prediction->scaled;
    const Port centered =
        builder.add(std::make_shared<plan::CenterScale>(
                        width, parts_.mean, scaled ? parts_.scale : std::vector<double>()),
                    features, Form::Dense, width);
    if (predicts) return parts_.prediction->scores.of(builder, centered);
    return parts_.rotation.of(builder, centered, parts_.names);
  }

  Parts parts_;
};

std::vector<double> no_intercepts(std::size_t count) { return std::vector<double>(count, 0.0); }

// An attribute that lost its place among the public ones in 0.24.
std::string_view pls_name(const Object& object, std::string_view now, std::string_view before) {
  return object.has(now) ? now : before;
}

// coef_ was features x targets before 1.1, when the mean of the targets was no intercept_ yet; 1.1
// and 1.2 keep the new one under another name.
base::Result<PlsPrediction> read_pls_prediction(const Object& object, std::size_t features) {
  const bool old = object.release() < Release{1, 1};
  const std::string_view name = object.has("_coef_") ? "_coef_" : "coef_";
  TRY_ASSIGN(const Numbers coef, numbers_of(object, name));
  TRY(same_count(object, name, features, old ? coef.rows : coef.columns));
  const std::string_view intercept =
      old ? pls_name(object, "_y_mean", "y_mean_") : std::string_view("intercept_");
  TRY_ASSIGN(auto means, object.doubles(intercept, old ? coef.columns : coef.rows));
  return PlsPrediction{LinearScores(old ? by_feature(coef) : by_output(coef), std::move(means)),
                       object.release() < Release{1, 5}};
}

Made read_least_squares(const Object& object, Reader&) {
  const bool svd = object.class_name() == "PLSSVD";
  const std::string_view rotated = svd ? "x_weights_" : "x_rotations_";
  TRY_ASSIGN(const Numbers rotation, numbers_of(object, rotated));
  TRY_ASSIGN(auto mean, object.doubles(pls_name(object, "_x_mean", "x_mean_"), rotation.rows));
  TRY_ASSIGN(auto scale, object.doubles(pls_name(object, "_x_std", "x_std_"), rotation.rows));
  std::optional<PlsPrediction> prediction;
  if (!svd) {
    TRY_ASSIGN(prediction, read_pls_prediction(object, rotation.rows));
  }
  return std::make_unique<LeastSquares>(LeastSquares::Parts{
      .mean = std::move(mean),
      .scale = std::move(scale),
      .rotation = LinearScores(by_feature(rotation), no_intercepts(rotation.columns)),
      .names = prefixed_names(object, rotation.columns),
      .prediction = std::move(prediction)});
}

constexpr Entry kCrossDecomposition[] = {
    {"sklearn.cross_decomposition", "CCA", read_least_squares, true},
    {"sklearn.cross_decomposition", "PLSCanonical", read_least_squares, true},
    {"sklearn.cross_decomposition", "PLSRegression", read_least_squares, true},
    {"sklearn.cross_decomposition", "PLSSVD", read_least_squares, true},
};

}  // namespace

std::span<const Entry> cross_decomposition_entries() { return kCrossDecomposition; }

}  // namespace sklearn
