#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/builder.h"
#include "plan/categories.h"
#include "sklearn_values/words.h"

namespace sklearn {

// What an encoder knows of one column, in the order of its codes: numbers, NaN among them, or
// texts. None and NaN are one in a frame, so a column that was fitted with both is refused.
struct FittedCategories {
  std::vector<double> numbers;
  std::vector<std::optional<std::string>> texts;  // Nothing: a missing value.
  bool text = false;
  plan::NumberKind kind = plan::NumberKind::Unknown;  // Of the numbers.
  std::vector<std::string> names;                     // Of numbers, where `kind` does not say them.
  bool none = false;                                  // A missing value is None, not NaN.

  std::size_t size() const { return text ? texts.size() : numbers.size(); }
  // Where a missing value stands among them.
  std::optional<std::size_t> missing() const;
  // Precondition: a code for each.
  plan::Categories with_codes(std::span<const std::int32_t> codes) const;
  // The codes count up from 0.
  plan::Categories in_order() const;
  // One of them as Python's str() writes it.
  std::string name(std::size_t i) const;
};

// One element of `attribute`. Refuses a column of numbers and texts.
base::Result<FittedCategories> read_categories(const Object& object, std::string_view attribute,
                                               pickle::Value value);

// A list attribute with an element for each column, which may be absent, or hold None somewhere.
class PerColumn {
 public:
  static base::Result<PerColumn> read(const Object& object, std::string_view attribute,
                                      std::size_t columns);
  bool absent() const { return items_.empty(); }
  std::optional<pickle::Value> operator[](std::size_t i) const;

 private:
  std::vector<pickle::Value> items_;
};

// _default_to_infrequent_mappings of one column: the group of each category. `count` of them, of
// which a missing value may be left out (the last).
base::Result<std::vector<std::int32_t>> read_groups(const Object& object, pickle::Value mapping,
                                                    std::size_t count);

}  // namespace sklearn
