#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "companions/words.h"
#include "plan_cells/cell_domain.h"

namespace companions {

// A number or a text as a cell holds it; nothing for None, NaN and what is neither.
plan::CellRules::Put put_of(Value value);

// What a number is.
NumberKind number_kind_of(Value value);

// What a NumPy or pandas dtype, a Python type or one's name says a column holds.
struct Holds {
  enum class What : std::uint8_t { Unknown, Number, Text, Category, Date, Seconds };
  What what = What::Unknown;
  NumberKind kind = NumberKind::Unknown;
  // int8 to uint64: what casts to it wraps around there.
  unsigned bits = 64;
  bool is_signed = true;
  bool single = false;    // float32
  bool nullable = false;  // pandas' own integers, which may be missing.
  // What::Category: those of its type, each with its position as code; null where it has none, so
  // that they are those of whatever is cast.
  std::shared_ptr<const plan::Categories> categories;
};
// Nothing for what is no type at all.
std::optional<Holds> holds_of(Value value);

// The values of one column, all numbers or all texts, missing ones left out.
struct Values {
  std::vector<double> numbers;
  std::vector<std::string> texts;
  NumberKind kind = NumberKind::Unknown;
  bool is_text() const { return !texts.empty(); }
  std::size_t size() const { return texts.size() + numbers.size(); }
};
base::Result<Values> read_values(const Object& object, std::string_view attribute, Value value);

}  // namespace companions
