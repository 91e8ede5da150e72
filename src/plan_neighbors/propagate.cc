#include "plan_neighbors/propagate.h"

#include <algorithm>

namespace plan {

base::Result<void> LabelShares::run(const Inputs& in, Buffer& out, State*) const {
  const std::size_t classes = in[0].dense.columns;
  out.dense.resize(in.rows(), classes);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* from = in[0].dense.row(i);
    double sum = 0;
    for (std::size_t k = 0; k < classes; ++k) sum += from[k];
    for (std::size_t k = 0; k < classes; ++k) out.dense.row(i)[k] = from[k] / sum;
  }
  return {};
}

base::Result<void> NeighborLabelSums::run(const Inputs& in, Buffer& out, State*) const {
  const std::size_t classes = labels_.columns;
  const std::size_t count = in[0].dense.columns / 2;
  out.dense.resize(in.rows(), classes);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    double* to = out.dense.row(i);
    std::fill(to, to + classes, 0.0);
    for (std::size_t k = 0; k < count; ++k) {
      const auto row = static_cast<std::size_t>(in[0].dense.row(i)[count + k]);
      for (std::size_t c = 0; c < classes; ++c) to[c] += labels_.row(row)[c];
    }
  }
  return {};
}

}  // namespace plan
