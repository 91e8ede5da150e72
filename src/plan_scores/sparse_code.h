#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "plan/buffer.h"
#include "plan/step.h"
#include "plan_scores/coordinate_descent.h"
#include "plan_scores/least_angle.h"

namespace plan {

// Dense rows as sparse combinations of the atoms of a dictionary: what DictionaryLearning and
// SparseCoder transform to (sklearn.decomposition.sparse_encode). Each row by itself.
class SparseCode final : public Step {
 public:
  enum class Algorithm : std::uint8_t { Threshold, MatchingPursuit, LeastAngle, CoordinateDescent };
  struct Options {
    Algorithm algorithm = Algorithm::MatchingPursuit;
    double alpha = 1;           // Threshold: what magnitudes are shrunk by.
    std::size_t nonzero = 1;    // MatchingPursuit: how many atoms at most.
    bool unit_atoms = false;    // MatchingPursuit as it was before 0.20: takes atoms for unit ones.
    LeastAngle::Options angle;  // LeastAngle
    CoordinateDescent descent;  // CoordinateDescent
    bool positive = false;      // Threshold: what is negative is 0.
    bool split_sign = false;    // What is positive, and then what is negative without its sign.
  };
  // `dictionary`: atoms x features, at least one of each. For all but Threshold it keeps atoms x
  // atoms numbers. Precondition: 0 < nonzero <= atoms.
  SparseCode(Matrix dictionary, const Options& options);

  std::size_t outputs() const { return dictionary_.rows * (options_.split_sign ? 2 : 1); }
  // Whether an atom is another or its negative, as far as roundings tell. Of all but Threshold.
  bool has_equal_atoms() const;
  // Whether all that atoms give with each other is; Threshold keeps none of it.
  bool has_finite_products() const;
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override;

 private:
  struct Memory;
  void shrink(const double* correlations, double* code) const;
  void pursue(Memory& memory, double* code) const;
  bool choose_atom(Memory& memory, std::size_t active) const;
  void solve_chosen(Memory& memory, std::size_t active) const;

  Matrix dictionary_;
  Matrix by_feature_;  // features x atoms
  Matrix gram_;        // atoms x atoms
  Options options_;
};

}  // namespace plan
