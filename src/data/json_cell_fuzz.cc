// Cells that hold JSON, from their first byte: views within what is kept, valid UTF-8, finite
// numbers, and a cell is read the same after any other.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.h"
#include "data/json_cell.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static data::JsonCellReader warm;
  const std::string_view cell(reinterpret_cast<const char*>(data), size);
  for (const data::Json form : {data::Json::Object, data::Json::Pairs, data::Json::Strings}) {
    const auto values = warm.read(cell, form);
    data::JsonCellReader fresh;
    const auto again = fresh.read(cell, form);
    if (values.ok() != again.ok()) std::abort();
    if (!values.ok()) {
      if (values.error().message() != again.error().message()) std::abort();
      continue;
    }
    if (values->size() != again->size() || values->size() > size) std::abort();
    for (std::size_t i = 0; i < values->size(); ++i) {
      const data::NamedValue& value = (*values)[i];
      if (value.name != (*again)[i].name || value.text != (*again)[i].text) std::abort();
      if (base::find_invalid_utf8(value.name) || base::find_invalid_utf8(value.text)) std::abort();
      if (!std::isfinite(value.number)) std::abort();
    }
  }
  return 0;
}
