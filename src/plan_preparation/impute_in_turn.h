#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "plan/plan.h"
#include "plan/step.h"
#include "plan_preparation/impute.h"

namespace plan {

// Predicts each feature where it is missing from others, one after the other, as often as it was
// when fitted (IterativeImputer.transform). Reads the rows as they came and as first filled.
class ImputeInTurn final : public Step {
 public:
  struct Turn {
    std::size_t feature = 0;
    std::vector<std::size_t> from;  // Features that it is predicted from.
    std::shared_ptr<const Plan> predict;
    double low = 0;
    double high = 0;
  };
  struct Fitted {
    MissingNumber missing;
    // Of each feature that comes out, which it was of those that came; kNone: never missing.
    std::vector<std::size_t> sources;
    std::vector<Turn> turns;
  };
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  // Preconditions: each plan reads as many columns of numbers as its turn is predicted from, and
  // leaves one.
  explicit ImputeInTurn(Fitted fitted) : fitted_(std::move(fitted)) {}
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override { return 20 + 100 * static_cast<double>(fitted_.turns.size()); }

 private:
  // Some rows at a time, so that what each plan keeps stays small.
  static constexpr std::size_t kBlockRows = 64;
  base::Result<void> run_block(const Inputs& in, std::size_t first, std::size_t rows, Matrix& to,
                               State& state) const;
  bool is_missing(const Matrix& came, std::size_t row, std::size_t feature) const;

  Fitted fitted_;
};

}  // namespace plan
