#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/signature.h"

namespace data {

// A name of a dictionary or list, with its value where it has one.
struct NamedValue {
  enum class Kind : std::uint8_t { Alone, Number, Text };

  std::string_view name;
  Kind kind = Kind::Alone;
  double number = 0;  // false and true are 0 and 1.
  std::string_view text;
};

// Reads cells that hold JSON. Keeps its memory from cell to cell; one thread at a time. Refuses
// what is not of the form that the column has, null, numbers that float64 does not hold, and of an
// object a name twice.
class JsonCellReader {
 public:
  JsonCellReader();
  ~JsonCellReader();
  // In their order; views that live until the next call. Precondition: not Json::None.
  base::Result<std::span<const NamedValue>> read(std::string_view cell, Json form);

 private:
  // simdjson's parser is of another size in what is not optimised: one file alone knows it.
  class Reading;
  std::unique_ptr<Reading> reading_;
};

}  // namespace data
