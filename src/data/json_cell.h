#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

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
  // In their order; views that live until the next call. Precondition: not Json::None.
  base::Result<std::span<const NamedValue>> read(std::string_view cell, Json form);

 private:
  base::Result<void> read_object(simdjson::ondemand::object object);
  base::Result<void> read_list(simdjson::ondemand::array array, Json form);
  base::Result<void> read_pair(simdjson::ondemand::value value);
  base::Result<void> take(std::string_view name, simdjson::ondemand::value value);
  base::Result<void> check_names();

  simdjson::ondemand::parser parser_;
  std::string padded_;
  std::vector<NamedValue> values_;
  std::vector<std::string_view> names_;  // Ascending, to find one that is there twice.
};

}  // namespace data
