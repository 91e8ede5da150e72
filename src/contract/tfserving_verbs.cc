#include "contract/tfserving_verbs.h"

#include <fmt/format.h>

#include "base/text.h"
#include "contract/json_rows.h"

namespace contract::tfserving {
namespace {

using base::Code;
using base::Error;

bool has_labels(const Offer::Output& output) {
  return output.columns != nullptr && !output.columns->classes.empty();
}

}  // namespace

base::Result<void> choose_signature(Ask& ask, std::string_view name) {
  if (name.empty() || name == kUsualSignature || ask.offer.is_ranked()) return {};
  if (!ask.offer.is_tensors()) return choose_output(ask, name, "\"signature_name\"");
  return Error(Code::Invalid, fmt::format("\"signature_name\": expected {}, got {}",
                                          kUsualSignature, base::quote(name)));
}

base::Result<std::size_t> find_output(Verb verb, const Offer& offer) {
  const bool classify = verb == Verb::Classify;
  for (std::size_t i = 0; i < offer.outputs().size(); ++i) {
    const Offer::Output& output = offer.outputs()[i];
    const bool dense = output.columns != nullptr && output.columns->form == plan::Form::Dense;
    if (!dense || output.name != (classify ? "predict_proba" : "predict")) continue;
    if (classify || (!has_labels(output) && output.width == 1)) return i;
  }
  return Error(Code::Invalid, classify ? "classify: expected a model that has predict_proba"
                                       : "regress: expected a model that predicts numbers");
}

base::Result<void> check_no_method(const Incoming& in) {
  if (in.method.empty()) return {};
  return Error(Code::Invalid, "method: expected none in the address of classify and regress");
}

base::Result<void> check_signature(std::string_view name, const Offer::Output& output) {
  if (name.empty() || name == kUsualSignature || name == output.name) return {};
  return Error(Code::Invalid, fmt::format("\"signature_name\": expected {} or {}, got {}",
                                          kUsualSignature, output.name, base::quote(name)));
}

std::string class_label(const Offer& offer, const Offer::Output& output, std::size_t index) {
  for (const Offer::Output& each : offer.outputs()) {
    if (each.name != "predict" || !has_labels(each)) continue;
    const data::Labels& labels = each.columns->classes.front();
    if (index < data::label_count(labels)) return data::label_text(labels, index);
  }
  return output.columns->names[index];
}

}  // namespace contract::tfserving
