#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "pickle/heap.h"

namespace pickle {

// The allow-list: names whose call makes a plain value, because what they make is fully known.
// Nothing is looked up anywhere else; every name that is not listed here, letter for letter,
// stays a name, and its call a Record.
Constructor find_constructor(std::string_view module, std::string_view name);

// What the call makes. `callable` is a Global with a constructor. Arguments that the constructor
// would not take, or whose effect is not understood, are an error: Corrupt or Unsupported,
// without the position, which the caller knows. Reconstruct gives a Record that its BUILD
// turns into an array (numpy.h).
base::Result<Node*> construct(Heap& heap, const Node& callable, std::span<const Value> args,
                              std::uint64_t offset);

}  // namespace pickle
