#include "plan_preparation/polynomial.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace plan {
namespace {

// Products of `degree` features: with repetition, or without.
double combinations(const PolynomialShape& shape, std::size_t degree) {
  const double n = static_cast<double>(shape.features);
  double count = 1;
  for (std::size_t k = 0; k < degree; ++k) {
    const double at = static_cast<double>(k);
    const double factor = shape.interaction_only ? n - at : n + at;
    if (factor <= 0) return 0;
    count *= factor / (at + 1);
    if (count > 1e15) return count;
  }
  return count;
}

struct PolynomialState final : State {
  std::vector<double> products;
};

}  // namespace

PolynomialShape::Counts PolynomialShape::counts() const {
  double products = bias ? 1 : 0;
  double outputs = products;
  for (std::size_t degree = 1; degree <= degree_max; ++degree) {
    const double count = std::round(combinations(*this, degree));
    if (count == 0) break;
    products += count;
    if (degree >= degree_min) outputs += count;
    if (products > static_cast<double>(kProductsMax)) return {};
  }
  return {static_cast<std::size_t>(outputs), static_cast<std::size_t>(products)};
}

Polynomial::Polynomial(const PolynomialShape& shape)
    : shape_(shape), outputs_(shape.counts().outputs), products_(shape.counts().products) {
  if (shape.degree_max == 0) return;
  // Where the products whose first factor is each feature or a later one begin; then the end.
  std::vector<std::size_t> starts;
  std::size_t next = shape.bias ? 1 : 0;
  for (std::size_t f = 0; f < shape.features; ++f) starts.push_back(next++);
  starts.push_back(next);
  for (std::size_t degree = 2; degree <= shape.degree_max; ++degree) {
    std::vector<std::size_t> longer;
    const std::size_t end = starts.back();
    for (std::size_t f = 0; f + 1 < starts.size(); ++f) {
      longer.push_back(next);
      const std::size_t from = starts[shape.interaction_only ? f + 1 : f];
      if (from >= end) break;
      runs_.push_back({from, next, end - from, f});
      next += end - from;
    }
    if (next == longer.front()) break;
    longer.push_back(next);
    starts = std::move(longer);
  }
}

std::string Polynomial::describe() const {
  return fmt::format("{} products of {} features", outputs_, shape_.features);
}

std::unique_ptr<State> Polynomial::make_state() const {
  return std::make_unique<PolynomialState>();
}

void Polynomial::multiply(const double* x, double* products) const {
  if (shape_.bias) *products = 1;
  if (shape_.degree_max == 0) return;
  std::copy_n(x, shape_.features, products + (shape_.bias ? 1 : 0));
  for (const Run& run : runs_) {
    const double factor = x[run.feature];
    const double* from = products + run.from;
    double* to = products + run.to;
    for (std::size_t k = 0; k < run.count; ++k) to[k] = from[k] * factor;
  }
}

base::Result<void> Polynomial::run(const Inputs& in, Buffer& out, State* state) const {
  out.dense.resize(in.rows(), outputs_);
  std::vector<double>& products = static_cast<PolynomialState&>(*state).products;
  if (outputs_ != products_) products.resize(products_);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    double* to = out.dense.row(i);
    if (outputs_ == products_) {
      multiply(in[0].dense.row(i), to);
      continue;
    }
    multiply(in[0].dense.row(i), products.data());
    if (shape_.bias) *to++ = 1;
    const std::size_t kept = outputs_ - (shape_.bias ? 1 : 0);
    std::copy_n(products.data() + (products_ - kept), kept, to);
  }
  return {};
}

}  // namespace plan
