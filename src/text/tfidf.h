#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "text/row.h"

namespace text {

// What a fitted TfidfTransformer does to a row of counts: log(count) + 1 if
// sublinear, times idf if there is one, then the norm.
//
// Counts, idf products, norms and divisions are scikit-learn's bit for bit. The logarithm of
// float64 is libm's; numpy's differs from it in the last bit for a few counts (8 of the first
// 200,000, the least of them 9,170, with numpy 2.4). That of float32 is numpy's own, see
// numpy_log().
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
  bool libm_log = false;  // Of float32 too, as numpy before 1.19 took it.

  // The order of a scikit-learn release: 1.4.2 is (1, 4, true).
  static ColumnOrder order_of(int major, int minor, bool use_idf);

  // Precondition: every index is below idf.size(), unless that is 0; as many indices as values.
  void apply(std::span<const std::uint32_t> indices, std::span<double> values) const;
};

// numpy.log of float32 since 1.19 where the processor has AVX2 and FMA, bit for bit: a quotient of
// two polynomials of the fifth degree, each step rounded once. Precondition: normal and positive.
float numpy_log(float x);

}  // namespace text
