#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan_preparation/polynomial.h"

namespace plan {
namespace {

struct SparsePolynomialState final : State {
  // What a row holds, by feature.
  std::vector<std::pair<std::uint32_t, double>> held;
  std::vector<std::size_t> picks;  // Of `held`, ascending.
  std::vector<double> products;    // Of the first picks.
};

}  // namespace

SparsePolynomial::SparsePolynomial(const PolynomialShape& shape) : shape_(shape) {
  if (shape.degree_max < 2) return;
  // Pascal's triangle, as far as places need it; larger numbers than those are never read.
  const std::size_t rows = shape.features + shape.degree_max;
  binomials_.assign(rows * (shape.degree_max + 1), 0);
  for (std::size_t n = 0; n < rows; ++n) {
    for (std::size_t k = 0; k <= std::min(n, shape.degree_max); ++k) {
      const std::uint64_t sum = k == 0 || k == n ? 1 : choose(n - 1, k - 1) + choose(n - 1, k);
      binomials_[n * (shape.degree_max + 1) + k] = std::min(sum, std::uint64_t{1} << 40U);
    }
  }
}

std::string SparsePolynomial::describe() const {
  return fmt::format("{} products of {} sparse features", shape_.counts().outputs, shape_.features);
}

std::unique_ptr<State> SparsePolynomial::make_state() const {
  return std::make_unique<SparsePolynomialState>();
}

// The place of a product among those of its degree, of which the first comes first in all factors.
std::size_t SparsePolynomial::place(const std::vector<std::size_t>& picks, const Held& held) const {
  const std::size_t degree = picks.size();
  if (degree == 1) return held[picks[0]].first;
  const std::size_t n = shape_.features + (shape_.interaction_only ? 0 : degree - 1);
  std::uint64_t behind = 0;
  for (std::size_t k = 0; k < degree; ++k) {
    const std::size_t feature = held[picks[k]].first + (shape_.interaction_only ? 0 : k);
    behind += choose(n - 1 - feature, degree - k);
  }
  return static_cast<std::size_t>(choose(n, degree) - 1 - behind);
}

void SparsePolynomial::push_degree(std::size_t degree, std::size_t first, State& state,
                                   SparseMatrix& to) const {
  auto& [held, picks, products] = static_cast<SparsePolynomialState&>(state);
  const std::size_t step = shape_.interaction_only ? 1 : 0;
  if (held.empty() || (shape_.interaction_only && held.size() < degree)) return;
  picks.resize(degree);
  products.resize(degree);
  std::size_t changed = 0;  // The picks before it are as they were.
  picks[0] = 0;
  while (true) {
    for (std::size_t k = changed; k < degree; ++k) {
      if (k > changed) picks[k] = picks[k - 1] + step;
      products[k] = k == 0 ? held[picks[k]].second : products[k - 1] * held[picks[k]].second;
    }
    to.push(first + place(picks, held), products.back());
    // The last pick that can still move on.
    std::size_t k = degree;
    while (k > 0 && picks[k - 1] + 1 + step * (degree - k) >= held.size()) --k;
    if (k == 0) return;
    changed = k - 1;
    ++picks[changed];
  }
}

base::Result<void> SparsePolynomial::run(const Inputs& in, Buffer& out, State* state) const {
  auto& held = static_cast<SparsePolynomialState&>(*state).held;
  const SparseMatrix& from = in[0].sparse;
  const PolynomialShape::Counts counts = shape_.counts();
  out.sparse.clear(counts.outputs);
  for (std::size_t i = 0; i < from.rows; ++i) {
    held.clear();
    const auto indices = from.row_indices(i);
    for (std::size_t k = 0; k < indices.size(); ++k) {
      held.emplace_back(indices[k], from.row_values(i)[k]);
    }
    std::sort(held.begin(), held.end());
    if (shape_.bias) out.sparse.push(0, 1);
    std::size_t first = shape_.bias ? 1 : 0;
    for (std::size_t degree = std::max<std::size_t>(1, shape_.degree_min);
         degree <= shape_.degree_max; ++degree) {
      push_degree(degree, first, *state, out.sparse);
      const std::size_t n = shape_.features + (shape_.interaction_only ? 0 : degree - 1);
      first += degree == 1 ? shape_.features : choose(n, degree);
    }
    out.sparse.end_row();
  }
  return {};
}

}  // namespace plan
