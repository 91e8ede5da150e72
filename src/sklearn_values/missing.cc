#include "sklearn_values/missing.h"

#include <cmath>
#include <memory>

#include <fmt/format.h>

#include "sklearn_values/feature_names.h"

namespace sklearn {

using pickle::Value;
using plan::Builder;
using plan::Form;
using plan::Port;

base::Result<Missing> read_missing(const Object& object) {
  const auto value = object.find("missing_values");
  if (!value) return Missing{};
  if (const auto text = value->as_string()) {
    return *text == "NaN" ? Missing{} : Missing{{}, std::string(*text)};
  }
  const auto number = value->as_float();
  if (!number) {
    // pandas.NA, which stands for a missing value like NaN.
    if (value->is(pickle::Kind::Global) || value->is(pickle::Kind::Record)) return Missing{};
    return object.unexpected("missing_values", "NaN, a number or a text", *value);
  }
  return std::isnan(*number) ? Missing{} : Missing{{*number}, std::nullopt};
}

base::Result<std::vector<std::size_t>> read_indicated(const Object& object, std::size_t width) {
  std::vector<std::size_t> features;
  TRY_ASSIGN(const bool add, object.flag_or("add_indicator", false));
  if (!add) return features;
  TRY_ASSIGN(const Value value, object.get("indicator_"));
  TRY_ASSIGN(const Object indicator, Object::of(value, object.release()));
  TRY_ASSIGN(const auto indices, indicator.integers("features_"));
  for (const std::int64_t index : indices) {
    if (index < 0 || static_cast<std::size_t>(index) >= width) {
      return indicator.unexpected("features_", fmt::format("positions below {}", width),
                                  std::to_string(index));
    }
    features.push_back(static_cast<std::size_t>(index));
  }
  return features;
}

std::vector<std::string> indicator_names(const Port& came,
                                         const std::vector<std::size_t>& indicated) {
  const auto all = names_of(came);
  std::vector<std::string> names;
  for (const std::size_t position : indicated) {
    if (position < all.size()) names.push_back("missingindicator_" + all[position]);
  }
  return names;
}

base::Result<Port> with_indicators(Builder& builder, const Port& filled, const Port& came,
                                   const Missing& missing,
                                   const std::vector<std::size_t>& indicated) {
  if (indicated.empty()) return filled;
  const bool cells = came.form == Form::Cells;
  std::shared_ptr<const plan::Step> step;
  if (cells) {
    step = std::make_shared<plan::IndicateCells>(missing.number, missing.text, indicated);
  } else {
    step = std::make_shared<plan::Indicate>(missing.number, indicated);
  }
  Port named = filled;
  named.names = names_of(filled);
  const Port both[] = {named, builder.add(std::move(step), came, Form::Dense, indicated.size(),
                                          indicator_names(came, indicated))};
  return builder.hstack(both);
}

}  // namespace sklearn
