#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "plan/buffer.h"
#include "plan/step.h"

namespace plan {

// Rows as products of weights that are not negative and fixed components: what NMF and MiniBatchNMF
// transform to. They look for the weights of all rows together until those change little, so an
// answer depends, within the tolerance, on the rows that come with it.
class Factorize final : public Step {
 public:
  enum class Solver : std::uint8_t {
    CoordinateDescent,
    Multiplicative,  // Every ten rounds it looks whether the error still falls.
    Online           // The same updates, until the weights change little (MiniBatchNMF).
  };
  struct Options {
    Solver solver = Solver::CoordinateDescent;
    double beta_loss = 2;  // 2: Frobenius, 1: Kullback-Leibler, 0: Itakura-Saito.
    std::size_t rounds = 200;
    double tolerance = 1e-4;
    double l1 = 0;
    double l2 = 0;
  };
  // `components`: components x features.
  Factorize(Matrix components, Options options);

  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override;

 private:
  struct Memory;
  void descend(Memory& memory, Matrix& weights) const;
  void multiply(Memory& memory, const Matrix& rows, Matrix& weights) const;
  void update(Memory& memory, const Matrix& rows, Matrix& weights) const;
  void find_ratios(Memory& memory, const Matrix& rows, const Matrix& weights) const;
  double divergence(Memory& memory, const Matrix& rows, const Matrix& weights) const;

  Matrix components_;
  Matrix by_feature_;         // features x components
  Matrix gram_;               // components x components
  std::vector<double> sums_;  // Of each component.
  Options options_;
};

}  // namespace plan
