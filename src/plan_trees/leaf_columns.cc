#include "plan_trees/leaf_columns.h"

#include <algorithm>

#include <fmt/format.h>

namespace plan {

std::string OnesAt::describe() const { return fmt::format("ones among {} columns", columns_); }

bool OnesAt::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const OnesAt*>(&other);
  return as != nullptr && as->form_ == form_ && as->columns_ == columns_;
}

base::Result<void> OnesAt::run(const Inputs& in, Buffer& out, State*) const {
  const Matrix& from = in[0].dense;
  if (form_ == Form::Dense) {
    out.dense.resize(in.rows(), columns_);
    std::fill(out.dense.values.begin(), out.dense.values.end(), 0.0);
    for (std::size_t i = 0; i < in.rows(); ++i) {
      for (std::size_t t = 0; t < from.columns; ++t) {
        out.dense.row(i)[static_cast<std::size_t>(from.row(i)[t])] = 1;
      }
    }
    return {};
  }
  out.sparse.clear(columns_);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    for (std::size_t t = 0; t < from.columns; ++t) {
      out.sparse.push(static_cast<std::size_t>(from.row(i)[t]), 1);
    }
    out.sparse.end_row();
  }
  return {};
}

}  // namespace plan
