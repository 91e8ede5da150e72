#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "plan/builder.h"
#include "plan_preparation/impute.h"
#include "sklearn_values/words.h"

namespace sklearn {

// The attribute missing_values: NaN (also as the old Imputer's "NaN" and as None), a number or a
// text.
struct Missing {
  plan::MissingNumber number;
  std::optional<std::string> text;

  // What check_array lets through to an imputer of numbers.
  plan::Allowed allowed() const { return {.nan = !number.value.has_value()}; }
};
base::Result<Missing> read_missing(const Object& object);

// Which features an indicator column is added for: those that were missing when it was fitted.
base::Result<std::vector<std::size_t>> read_indicated(const Object& object, std::size_t width);

// What the indicators of some features of the port are called.
std::vector<std::string> indicator_names(const plan::Port& came,
                                         const std::vector<std::size_t>& indicated);

// The filled features, and behind them the indicators of those that `came`, if there are any.
base::Result<plan::Port> with_indicators(plan::Builder& builder, const plan::Port& filled,
                                         const plan::Port& came, const Missing& missing,
                                         const std::vector<std::size_t>& indicated);

}  // namespace sklearn
