#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sklearn/words.h"

namespace sklearn {

// sklearn.pipeline: one estimator after another, and side by side; and pipelines of other libraries
// that are the same.
std::span<const Entry> pipeline_entries();

// Each feature times transformer_weights[name]; the port itself where there is no weight.
base::Result<plan::Port> weighted(plan::Builder& builder, const plan::Port& from, double weight);

// What its name is put before the names of the features of a part, where the composite answers with
// a data frame whose columns the next step may ask for by name (set_output); else nothing.
std::string name_prefix(const Object& object, std::string_view part);
void put_before_names(const std::string& prefix, plan::Port& port);

}  // namespace sklearn
