#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "plan/buffer.h"

namespace plan {

// Least angle regression of one target over a Gram matrix, and the lasso by it: where
// scikit-learn's lars_path(..., Gram=, Xy=, return_path=False) ends.
class LeastAngle {
 public:
  struct Options {
    bool lasso = true;  // Else plain least angles, which change no sign.
    bool positive = false;
    double alpha_min = 0;
    std::size_t steps = 500;
    double samples = 1;  // What correlations are divided by to be an alpha.
  };
  // Memory of one run, which keeps it for the next.
  struct Memory {
    std::vector<double> correlations;  // Of what is not active, in the order of `order` behind it.
    std::vector<std::size_t> order;    // The active first.
    std::vector<double> factor;        // Lower triangle, row-major, `room` wide.
    std::vector<double> signs;
    std::vector<double> direction;    // Of the active, in their order.
    std::vector<double> alongside;    // The direction's correlation with each that is not active.
    std::vector<double> diagonal;     // Of the factor, while a step adds to it.
    std::vector<double> before;       // The coefficients of the step before.
    std::vector<std::size_t> active;  // Atoms.
    std::size_t room = 0;
  };
  explicit LeastAngle(const Options& options) : options_(options) {}

  // Precondition: `gram` is square, and `target` (X y) and `coefficients` have as many numbers.
  void solve(const Matrix& gram, const double* target, Memory& memory, double* coefficients) const;

 private:
  struct Run;
  Options options_;
};

}  // namespace plan
