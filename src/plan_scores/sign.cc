#include "plan_scores/sign.h"

namespace plan {

base::Result<void> Sign::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), 1);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double decision = in[0].dense.row(i)[0];
    const bool inlier = decision > 0 || (decision == 0 && zero_ == Zero::IsInlier);
    out.dense.row(i)[0] = inlier ? 1 : -1;
  }
  return {};
}

}  // namespace plan
