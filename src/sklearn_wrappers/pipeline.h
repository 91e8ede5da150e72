#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.pipeline: one estimator after another, and side by side; and pipelines of other libraries
// that are the same.
std::span<const Entry> pipeline_entries();

// Each feature times transformer_weights[name]; the port itself where there is no weight.
base::Result<plan::Port> weighted(plan::Builder& builder, const plan::Port& from, double weight);

// What a composite calls the features of one of its parts: as the part does, with the part's name
// before it, or in a form of its own (verbose_feature_names_out). By a function of somebody's own
// they have no names.
class PartNames {
 public:
  static PartNames of(const Object& object, std::string_view part);
  void apply(plan::Port& port) const;

 private:
  std::string before_;
  std::string behind_;
  bool known_ = true;
};

}  // namespace sklearn
