#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "companions/scalar.h"
#include "companions/words.h"
#include "plan_cells/cell_map.h"

namespace companions {

// The port as cells of the types that are known of it; columns that nobody typed become `absent`.
// An input that nobody declared is taken to have `width` columns.
base::Result<Port> known_cells(Builder& builder, const Port& input, ColumnType absent,
                               std::size_t width = 1);

// Makes what a column becomes of what it is; a null function leaves it as it is.
struct Mapped {
  std::shared_ptr<const plan::CellFunction> function;
  plan::FeatureKind kind;
};
using MapColumn = std::function<base::Result<Mapped>(ColumnType, NumberKind, std::size_t)>;

// Each column of cells under a function of its own.
base::Result<Port> map_each(Builder& builder, const Port& cells, const MapColumn& map);

// All columns of cells under one function, which makes one.
Port map_all(Builder& builder, const Port& cells,
             std::shared_ptr<const plan::CellFunction> function,
             NumberKind kind = NumberKind::Unknown);

// What astype() of that type makes of the port.
base::Result<Port> cast_cells(Builder& builder, const Port& input, const Holds& to);

}  // namespace companions
