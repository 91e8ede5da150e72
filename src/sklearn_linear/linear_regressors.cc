#include "sklearn_linear/linear_regressors.h"

#include <memory>
#include <optional>
#include <utility>

#include "sklearn_linear/linear_scores.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Function;
using plan::Method;
using plan::Port;

class LinearRegressor final : public Estimator {
 public:
  // `link`: what is made of the score, where it is not the answer itself.
  LinearRegressor(LinearScores scores, std::optional<Function> link)
      : scores_(std::move(scores)), link_(link) {}
  bool has(Method method) const override { return method == Method::Predict; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port scores, scores_.emit(builder, input));
    return link_ ? mapped(builder, *link_, scores) : scores;
  }

  LinearScores scores_;
  std::optional<Function> link_;
};

Made read_linear_regressor(const Object& object, Reader& reader) {
  TRY_ASSIGN(LinearScores scores, LinearScores::read(object, reader));
  return std::make_unique<LinearRegressor>(std::move(scores), std::nullopt);
}

// link='auto' follows from the power: log of what is positive.
base::Result<bool> glm_has_log_link(const Object& object) {
  if (object.class_name() != "TweedieRegressor") return true;
  TRY_ASSIGN(const std::string link, object.text_or("link", "auto"));
  if (link == "log" || link == "identity") return link == "log";
  if (link != "auto") return object.unsupported("link", "'auto', 'identity' or 'log'", link);
  TRY_ASSIGN(const double power, object.number("power"));
  return power > 0;
}

Made read_generalized_regressor(const Object& object, Reader& reader) {
  TRY_ASSIGN(LinearScores scores, LinearScores::read(object, reader));
  TRY_ASSIGN(const bool log, glm_has_log_link(object));
  return std::make_unique<LinearRegressor>(std::move(scores),
                                           log ? std::optional(Function::Exp) : std::nullopt);
}

// What RANSACRegressor fitted to those it trusts.
class Consensus final : public Estimator {
 public:
  explicit Consensus(EstimatorPtr estimator) : estimator_(std::move(estimator)) {}
  bool has(Method method) const override {
    return method == Method::Predict && estimator_ != nullptr && estimator_->has(method);
  }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    return estimator_->emit(method, builder, input);
  }

  EstimatorPtr estimator_;
};

Made read_ransac_regressor(const Object& object, Reader& reader) {
  TRY_ASSIGN(const auto estimator, object.get("estimator_"));
  return std::make_unique<Consensus>(reader.read(estimator, "estimator_"));
}

constexpr Entry kLinearRegressors[] = {
    {"sklearn.linear_model", "ARDRegression", read_linear_regressor},
    {"sklearn.linear_model", "BayesianRidge", read_linear_regressor},
    {"sklearn.linear_model", "ElasticNet", read_linear_regressor},
    {"sklearn.linear_model", "ElasticNetCV", read_linear_regressor},
    {"sklearn.linear_model", "GammaRegressor", read_generalized_regressor},
    {"sklearn.linear_model", "HuberRegressor", read_linear_regressor},
    {"sklearn.linear_model", "Lars", read_linear_regressor},
    {"sklearn.linear_model", "LarsCV", read_linear_regressor},
    {"sklearn.linear_model", "Lasso", read_linear_regressor},
    {"sklearn.linear_model", "LassoCV", read_linear_regressor},
    {"sklearn.linear_model", "LassoLars", read_linear_regressor},
    {"sklearn.linear_model", "LassoLarsCV", read_linear_regressor},
    {"sklearn.linear_model", "LassoLarsIC", read_linear_regressor},
    {"sklearn.linear_model", "LinearRegression", read_linear_regressor},
    {"sklearn.linear_model", "MultiTaskElasticNet", read_linear_regressor},
    {"sklearn.linear_model", "MultiTaskElasticNetCV", read_linear_regressor},
    {"sklearn.linear_model", "MultiTaskLasso", read_linear_regressor},
    {"sklearn.linear_model", "MultiTaskLassoCV", read_linear_regressor},
    {"sklearn.linear_model", "OrthogonalMatchingPursuit", read_linear_regressor},
    {"sklearn.linear_model", "OrthogonalMatchingPursuitCV", read_linear_regressor},
    {"sklearn.linear_model", "PassiveAggressiveRegressor", read_linear_regressor},
    {"sklearn.linear_model", "PoissonRegressor", read_generalized_regressor},
    {"sklearn.linear_model", "QuantileRegressor", read_linear_regressor},
    {"sklearn.linear_model", "RANSACRegressor", read_ransac_regressor},
    {"sklearn.linear_model", "Ridge", read_linear_regressor},
    {"sklearn.linear_model", "RidgeCV", read_linear_regressor},
    {"sklearn.linear_model", "SGDRegressor", read_linear_regressor},
    {"sklearn.linear_model", "TheilSenRegressor", read_linear_regressor},
    {"sklearn.linear_model", "TweedieRegressor", read_generalized_regressor},
    {"sklearn.svm", "LinearSVR", read_linear_regressor},
};

}  // namespace

std::span<const Entry> linear_regressor_entries() { return kLinearRegressors; }

}  // namespace sklearn
