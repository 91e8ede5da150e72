#include "plan/logarithm.h"

#include <cmath>

#include <fmt/format.h>

namespace plan {

std::string Logarithm::describe() const { return fmt::format("logarithm of {} columns", width_); }

base::Result<void> Logarithm::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), width_);
  const std::vector<double>& from = in[0].dense.values;
  for (std::size_t k = 0; k < from.size(); ++k) out.dense.values[k] = std::log(from[k]);
  return {};
}

}  // namespace plan
