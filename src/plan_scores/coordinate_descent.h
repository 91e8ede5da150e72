#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "plan/buffer.h"

namespace plan {

// The lasso of one target by coordinate descent over a Gram matrix: what scikit-learn's
// enet_coordinate_descent_gram leaves of 1/2 w Q w - q w + alpha |w|, from zeros. It stops where
// the gap is small and not where the answer is exact, so every iterate is that of the release.
struct CoordinateDescent {
  // Which coordinates are left out because they must end as zero: none (before 1.8); at every look
  // of all (1.8); or of those that are still in (from 1.9 on).
  enum class Screening : std::uint8_t { Never, All, Remaining };

  double alpha = 0;
  double tolerance = 1e-4;  // Of the gap, relative to |y|^2.
  std::size_t rounds = 1000;
  bool positive = false;
  Screening screening = Screening::Never;

  struct Memory {
    std::vector<double> product;   // Q w
    std::vector<double> residual;  // q - Q w
    std::vector<std::uint32_t> active;
    std::vector<std::uint8_t> excluded;
  };
  // Precondition: `gram` is square, and q and w have as many numbers.
  void solve(const Matrix& gram, const double* q, double y_squared, Memory& memory,
             double* w) const;

 private:
  struct Gap {
    double gap;
    double dual_norm;
  };
  Gap find_gap(const double* q, double y_squared, Memory& memory, const double* w) const;
  void screen(const Matrix& gram, Gap gap, bool first, Memory& memory, double* w) const;
  double descend(const Matrix& gram, const double* q, Memory& memory, double* w) const;
};

}  // namespace plan
