#include "plan_scores/logarithm.h"

#include <algorithm>

#include <fmt/format.h>

#include "plan_dense/product.h"

namespace plan {

std::string Logarithm::describe() const { return fmt::format("logarithm of {} columns", width_); }

base::Result<void> Logarithm::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), width_);
  std::vector<double>& logarithms = out.dense.values;
  std::copy(in[0].dense.values.begin(), in[0].dense.values.end(), logarithms.begin());
  log_each(logarithms.data(), logarithms.size());
  return {};
}

}  // namespace plan
