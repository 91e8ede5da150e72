#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "text/row.h"

namespace text {

// What a fitted TfidfTransformer does to a row of counts: log(count) + 1 if
// sublinear, times idf if there is one, then the norm.
//
// Counts, idf products, norms and divisions are scikit-learn's bit for bit. The logarithm is
// libm's; numpy's differs from it in the last bit for a few counts (8 of the first 200,000, the
// least of them 9,170, with numpy 2.4; of float32, 6,592 in the last of its bits, the least 7).
//
// scikit-learn up to 1.4 multiplied by a diagonal matrix, which left each row's columns in
// descending order (with an idf only), and the norm was summed so; from 1.5.0 on they ascend. The
// row stays ascending here whatever the order: who adds up its products with something else and
// wants the same bits walks it from the end when `order` is Descending.
struct TfidfWeights {
  bool sublinear_tf = false;
  std::vector<double> idf;  // By column; empty for use_idf=False.
  Norm norm = Norm::L2;
  ColumnOrder order = ColumnOrder::Ascending;
  Precision precision = Precision::Float64;

  // The order of a scikit-learn release: 1.4.2 is (1, 4, true).
  static ColumnOrder order_of(int major, int minor, bool use_idf);

  // Precondition: every index is below idf.size(), unless that is 0; as many indices as values.
  void apply(std::span<const std::uint32_t> indices, std::span<double> values) const;
};

}  // namespace text
