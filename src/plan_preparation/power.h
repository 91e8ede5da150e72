#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "plan/step.h"

namespace plan {

// A power of each feature that makes it more like a normal one (PowerTransformer, before it
// standardises), or what undoes it. NaN stays.
class Power final : public Step {
 public:
  enum class Kind : std::uint8_t {
    BoxCox,  // Refuses what is not positive.
    InverseBoxCox,
    YeoJohnson,       // By pow, as scikit-learn computed it itself.
    YeoJohnsonExpm1,  // By expm1 and log1p, as SciPy does.
    InverseYeoJohnson,
  };
  Power(Kind kind, std::vector<double> lambdas, std::vector<std::string> names)
      : kind_(kind), lambdas_(std::move(lambdas)), names_(std::move(names)) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + 30 * static_cast<double>(lambdas_.size()); }

 private:
  Kind kind_;
  std::vector<double> lambdas_;
  std::vector<std::string> names_;  // For messages; may be empty.
};

}  // namespace plan
