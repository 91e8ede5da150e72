#pragma once

#include <functional>

#include "pickle/value.h"

namespace pickle {

// Calls `visit` once for every value that can be reached from `root`, each node once, parents
// before their parts: items, entries (keys too), what a record was called with and holds, and
// the objects of an array. Linear in Document::nodes(), however values share or contain
// themselves, and without recursion. Where `visit` says false, the parts of that value are left
// out.
void walk(Value root, const std::function<bool(Value)>& visit);

// Whether no value contains itself and a path from `root` is at most `depth_max` long: what a
// caller that wants to recurse asks first.
bool is_tree_within(Value root, unsigned depth_max);

}  // namespace pickle
