#pragma once

#include <span>
#include <string_view>

namespace hostile {

// A callable that would do harm, or help another to, if something called it.
struct Callable {
  std::string_view module;
  std::string_view name;
};

// Of the standard library, NumPy, SciPy, scikit-learn, joblib and their neighbours; Python 2 and
// 3 names, dotted ones, names of what scanners allow, and no names at all.
std::span<const Callable> callables();

}  // namespace hostile
