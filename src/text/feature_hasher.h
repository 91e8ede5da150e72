#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/row.h"

namespace text {

struct FeatureHashing {
  // What a value becomes where it is stored, and sums are taken in.
  enum class Number : unsigned char { Float64, Float32, Integer };

  std::uint32_t n_features = 1U << 20;  // 1 to 2^31 - 1
  bool alternate_sign = true;
  bool non_negative = false;  // Up to 0.20: sums without their signs.
  Number number = Number::Float64;
};

// scikit-learn's FeatureHasher: MurmurHash3 of each name gives its column and, where told so, the
// sign of its value; a text is the name "name=text" with the value 1; zeros are left out, and equal
// columns are added up in the order in which scipy's sum_duplicates does. Immutable; shared by
// threads, each with a Scratch of its own.
class FeatureHasher {
 public:
  struct Scratch {
    std::vector<std::pair<std::uint32_t, double>> hashed;  // Of the row so far.
    std::string name;
  };

  // Precondition: n_features in range.
  explicit FeatureHasher(FeatureHashing options) : options_(options) {}

  std::uint32_t features() const { return options_.n_features; }

  void add(std::string_view name, double value, Scratch& scratch) const;
  void add(std::string_view name, std::string_view text, Scratch& scratch) const;
  // Appends what was added as one row, columns ascending.
  void end_row(Scratch& scratch, Row& row) const;

 private:
  double stored(double value) const;

  FeatureHashing options_;
};

}  // namespace text
