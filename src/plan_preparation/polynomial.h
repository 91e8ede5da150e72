#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "plan/step.h"

namespace plan {

// Products of features up to a degree (PolynomialFeatures.transform), in its order: the constant,
// the features, then degree by degree.
struct PolynomialShape {
  std::size_t features = 0;
  std::size_t degree_min = 0;
  std::size_t degree_max = 0;
  bool interaction_only = false;
  bool bias = false;

  // How many columns come out, and how many products are made for them; more than `most` is
  // nothing.
  struct Counts {
    std::size_t outputs = 0;
    std::size_t products = 0;
  };
  static constexpr std::size_t kProductsMax = 50'000'000;
  Counts counts() const;  // All 0: too many.
};

// For dense rows. Each product of d features is one of d - 1 times the feature before them, as
// scikit-learn takes them.
class Polynomial final : public Step {
 public:
  // Precondition: counts() are not 0.
  explicit Polynomial(const PolynomialShape& shape);
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override { return 10 + static_cast<double>(products_) / 2; }

  std::size_t outputs() const { return outputs_; }

 private:
  // products[to .. to + count) = products[from .. from + count) * x[feature]
  struct Run {
    std::size_t from = 0;
    std::size_t to = 0;
    std::size_t count = 0;
    std::size_t feature = 0;
  };
  void multiply(const double* x, double* products) const;

  PolynomialShape shape_;
  std::size_t outputs_ = 0;
  std::size_t products_ = 0;
  std::vector<Run> runs_;
};

// For sparse rows: products of what is not zero. Up to three factors as scikit-learn's expansion of
// CSR rows takes them, (a * b) * c.
class SparsePolynomial final : public Step {
 public:
  // Precondition: counts() are not 0.
  explicit SparsePolynomial(const PolynomialShape& shape);
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override { return 500; }

 private:
  using Held = std::vector<std::pair<std::uint32_t, double>>;
  // How many ways there are to choose k of n.
  std::uint64_t choose(std::size_t n, std::size_t k) const {
    return n < k ? 0 : binomials_[n * (shape_.degree_max + 1) + k];
  }
  std::size_t place(const std::vector<std::size_t>& picks, const Held& held) const;
  void push_degree(std::size_t degree, std::size_t first, State& state, SparseMatrix& to) const;

  PolynomialShape shape_;
  std::vector<std::uint64_t> binomials_;  // By n, then by k.
};

}  // namespace plan
