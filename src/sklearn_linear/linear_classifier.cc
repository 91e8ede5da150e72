#include "sklearn_linear/linear_classifier.h"

#include <memory>

#include <fmt/format.h>

#include "plan/constant.h"

namespace sklearn {

using plan::Builder;
using plan::LinkKind;
using plan::Method;
using plan::Port;

base::Result<void> LinearClassifier::check(const Object& object, const LinearScores& scores,
                                           const data::Labels& classes) {
  const std::size_t count = data::label_count(classes);
  const std::size_t rows = scores.outputs();
  if (count > 0 && rows == (count <= 2 ? 1 : count)) return {};
  return object.unexpected("coef_", fmt::format("rows for {} classes", count),
                           std::to_string(rows));
}

bool LinearClassifier::has(Method method) const {
  const bool probability = method == Method::PredictProba || method == Method::PredictLogProba;
  return method == Method::Predict || method == Method::DecisionFunction ||
         (probability && probabilities_.has_value());
}

base::Result<Port> LinearClassifier::steps(Method method, Builder& builder,
                                           const Port& input) const {
  TRY_ASSIGN(const Port scores, scores_.emit(builder, input));
  if (method == Method::DecisionFunction) return scores;
  if (method == Method::Predict) {
    // One class alone is the answer, whatever the score.
    if (data::label_count(classes_) == 1) {
      return builder.add(std::make_shared<plan::Constant>(std::vector<double>{0}), scores,
                         plan::Form::Dense, 1);
    }
    return linked(builder, scores.width == 1 ? LinkKind::AboveZero : LinkKind::ArgMax, scores);
  }
  const Port probabilities = linked(builder, *probabilities_, scores);
  if (method == Method::PredictProba) return probabilities;
  return mapped(builder, log_, probabilities);
}

}  // namespace sklearn
