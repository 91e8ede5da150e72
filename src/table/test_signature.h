#pragma once

#include "data/signature.h"

namespace table {

// For tests: what their rows hold.
inline data::Signature age_and_city() {
  return {{{"age", data::ColumnType::Number}, {"city", data::ColumnType::Text}}};
}

}  // namespace table
