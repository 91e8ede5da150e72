#include "sklearn/linear_model.h"

#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan/linear.h"
#include "plan/link.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::Link;
using plan::LinkKind;
using plan::Method;
using plan::Port;

// coef_ and intercept_: outputs x features.
struct Coefficients {
  std::shared_ptr<const plan::Coefficients> coef;
  std::vector<double> intercept;
};

// Whether `part` lies in `whole`.
bool is_within(base::Bytes part, base::Bytes whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

base::Result<Coefficients> read_coefficients(const Object& object, const Reader& reader) {
  TRY_ASSIGN(const Table table, object.table("coef_"));
  TRY_ASSIGN(std::vector<double> intercept, object.doubles("intercept_"));
  // fit_intercept=False leaves the one number 0.
  if (intercept.size() == 1) intercept.resize(table.rows, intercept.front());
  if (intercept.size() != table.rows) {
    return object.unexpected("intercept_", fmt::format("{} numbers", table.rows),
                             std::to_string(intercept.size()));
  }
  const plan::Coefficients::Source source{.outputs = table.rows,
                                          .features = table.columns,
                                          .doubles = table.doubles,
                                          .column_major = table.column_major};
  const base::HeldBytes& held = reader.options().in_place;
  const bool in_place =
      held.holder != nullptr && !table.column_major && is_within(table.doubles, held.bytes);
  auto coef =
      in_place ? plan::Coefficients::view(source, held.holder) : plan::Coefficients::make(source);
  return Coefficients{std::move(coef), std::move(intercept)};
}

Port add_link(Builder& builder, LinkKind kind, const Port& from) {
  auto link = std::make_shared<Link>(kind, from.width);
  const std::size_t width = link->outputs();
  return builder.add(std::move(link), from, Form::Dense, width);
}

class LogisticRegression final : public Estimator {
 public:
  LogisticRegression(Coefficients coefficients, data::Labels classes, LinkKind link)
      : coefficients_(std::move(coefficients)), classes_(std::move(classes)), link_(link) {}

  bool has(Method method) const override {
    return method == Method::Predict || method == Method::PredictProba ||
           method == Method::DecisionFunction;
  }
  std::vector<data::Labels> classes() const override { return {classes_}; }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port features, builder.finite(input, coefficients_.coef->features()));
    if (features.form == Form::Sparse) {
      // Sparse rows need them so; the other methods then share them.
      coefficients_.coef = plan::Coefficients::by_feature(coefficients_.coef);
    }
    const auto& coef = coefficients_.coef;
    const Port scores =
        builder.add(std::make_shared<plan::Linear>(features.form, coef, coefficients_.intercept),
                    features, Form::Dense, coef->outputs());
    if (method == Method::DecisionFunction) return scores;
    if (method == Method::PredictProba) return add_link(builder, link_, scores);
    return add_link(builder, coef->outputs() == 1 ? LinkKind::AboveZero : LinkKind::ArgMax, scores);
  }

  mutable Coefficients coefficients_;
  data::Labels classes_;
  LinkKind link_;
};

// LogisticRegression.predict_proba: one class against the rest, or softmax. multi_class is gone
// in 1.8; before 0.22 its default was 'ovr', while 0.20 and 0.21 wrote 'warn' for it. The solver
// newton-cholesky knew no softmax before 1.6.
base::Result<LinkKind> choose_link(const Object& object, std::size_t classes, bool pair) {
  TRY_ASSIGN(const std::string solver, object.text_or("solver", "lbfgs"));
  TRY_ASSIGN(const std::string multi_class, object.text_or("multi_class", "auto"));
  const bool automatic = multi_class == "auto" || multi_class == "deprecated";
  const bool binary_solver =
      solver == "liblinear" || (solver == "newton-cholesky" && object.release() < Release{1, 6});
  const bool one_against_rest = multi_class == "ovr" || multi_class == "warn" ||
                                (automatic && (classes <= 2 || binary_solver));
  if (one_against_rest) return pair ? LinkKind::ExpitPair : LinkKind::ExpitNormalized;
  return pair ? LinkKind::SoftmaxPair : LinkKind::Softmax;
}

Made read_logistic_regression(const Object& object, Reader& reader) {
  TRY_ASSIGN(Coefficients coefficients, read_coefficients(object, reader));
  TRY_ASSIGN(data::Labels classes, object.labels("classes_"));
  const std::size_t count = data::label_count(classes);
  const std::size_t rows = coefficients.coef->outputs();
  if (count < 2 || rows != (count == 2 ? 1 : count)) {
    return object.unexpected("coef_", fmt::format("rows for {} classes", count),
                             std::to_string(rows));
  }
  TRY_ASSIGN(const LinkKind link, choose_link(object, count, rows == 1));
  return std::make_unique<LogisticRegression>(std::move(coefficients), std::move(classes), link);
}

constexpr Entry kLinearModel[] = {
    {"sklearn.linear_model", "LogisticRegression", read_logistic_regression},
    {"sklearn.linear_model", "LogisticRegressionCV", read_logistic_regression},
};

}  // namespace

std::span<const Entry> linear_model_entries() { return kLinearModel; }

}  // namespace sklearn
