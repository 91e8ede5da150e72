#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace model {

// How far answers are from those they should be. An error is relative to max(|reference|, the
// largest reference of its column), so that a value near zero does not count as far off.
struct Parity {
  std::string against;  // "expected answers", "scikit-learn 1.9.1 under Python 3.11.2"
  std::uint64_t rows = 0;
  std::uint64_t values = 0;
  std::uint64_t equal = 0;  // Values that are the same to the bit, and equal labels.
  std::uint64_t labels_differ = 0;
  double abs_max = 0;
  double rel_max = 0;
  double tolerance = 0;  // Of rel_max.
  std::string worst;     // Where rel_max is: `row 3, "predict_proba" column "setosa"`.
  std::vector<std::string> not_compared;

  bool within() const { return labels_differ == 0 && rel_max <= tolerance; }
};

}  // namespace model
