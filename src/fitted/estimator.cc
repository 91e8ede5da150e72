#include "fitted/estimator.h"

#include <fmt/format.h>

namespace fitted {

base::Result<plan::Port> Estimator::emit(plan::Method method, plan::Builder& builder,
                                         const plan::Port& input) const {
  if (!has(method)) {
    return base::Error(base::Code::Unsupported,
                       fmt::format("{}: it has no {}", title_, plan::method_name(method)));
  }
  TRY(builder.count_part());
  const plan::Port from = names_.empty() ? input : builder.declare(input, names_);
  auto port = steps(method, builder, from);
  if (!port.ok()) return std::move(port).error().within(title_);
  if (method == plan::Method::Transform && !prefix_.empty()) {
    port->names.clear();
    for (std::size_t i = 0; i < port->width && port->width <= plan::kNamedFeaturesMax; ++i) {
      port->names.push_back(fmt::format("{}{}", prefix_, i));
    }
  }
  return port;
}

base::Result<plan::Port> Estimator::emit_inverse(plan::Builder& builder,
                                                 const plan::Port& input) const {
  TRY(builder.count_part());
  auto port = inverse_steps(builder, input);
  if (!port.ok()) return std::move(port).error().within(title_);
  return port;
}

base::Result<plan::Port> Estimator::inverse_steps(plan::Builder&, const plan::Port&) const {
  return base::Error(base::Code::Unsupported, "it has no inverse_transform");
}

}  // namespace fitted
