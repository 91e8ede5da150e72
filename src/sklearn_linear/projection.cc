#include "sklearn_linear/projection.h"

#include <optional>

#include "plan_scores/layer.h"
#include "plan_scores/linear.h"

namespace sklearn {

plan::Port Projection::of(plan::Builder& builder, const plan::Port& features,
                          std::vector<std::string> names) const {
  std::shared_ptr<const plan::Step> step;
  if (features.form == plan::Form::Dense) {
    step = std::make_shared<plan::Layer>(weights_, bias_, std::nullopt);
  } else {
    step = std::make_shared<plan::Linear>(features.form, weights_, bias_);
  }
  return builder.add(std::move(step), features, plan::Form::Dense, outputs(), std::move(names));
}

}  // namespace sklearn
