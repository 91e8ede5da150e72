#pragma once

#include <span>

#include "companions/words.h"
#include "plan_cells/expression.h"

namespace companions {

// What sklearn2pmml.preprocessing makes of categories: lookups, encoders of labels, and
// expressions.
std::span<const Entry> pmml_lookup_entries();

// What an expression makes of the rows of `from`: one column of cells. Columns that nobody typed
// become what the expression needs.
base::Result<Port> express(Builder& builder, const Port& from, plan::Evaluate::Rules rules);

}  // namespace companions
