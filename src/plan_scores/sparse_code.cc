#include "plan_scores/sparse_code.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "plan_dense/product.h"

namespace plan {
namespace {

constexpr double kSmallest = std::numeric_limits<double>::epsilon();

Matrix transposed_of(const Matrix& matrix) {
  Matrix made;
  made.resize(matrix.columns, matrix.rows);
  for (std::size_t r = 0; r < matrix.rows; ++r) {
    for (std::size_t c = 0; c < matrix.columns; ++c) made.row(c)[r] = matrix.row(r)[c];
  }
  return made;
}

}  // namespace

struct SparseCode::Memory final : State {
  std::vector<double> correlations;  // Of all rows and atoms.
  std::vector<double> code;
  // Matching pursuit: the correlations and the atoms in an order in which those chosen are first.
  std::vector<double> ordered;
  std::vector<double> left;
  std::vector<std::size_t> order;
  std::vector<double> factor;  // Lower triangle, nonzero x nonzero.
  std::vector<double> weights;
  LeastAngle::Memory angle;
  CoordinateDescent::Memory descent;
};

SparseCode::SparseCode(Matrix dictionary, const Options& options)
    : dictionary_(std::move(dictionary)),
      by_feature_(transposed_of(dictionary_)),
      options_(options) {
  if (options_.algorithm == Algorithm::Threshold) return;
  gram_.resize(dictionary_.rows, dictionary_.rows);
  product({dictionary_.values.data(), dictionary_.rows, dictionary_.columns},
          {by_feature_.values.data(), by_feature_.rows, by_feature_.columns}, gram_.values.data());
}

bool SparseCode::has_equal_atoms() const {
  constexpr double kNearly = 1 - 1e-13;
  for (std::size_t i = 0; i < gram_.rows; ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      const double most = std::max(gram_.row(i)[i], gram_.row(k)[k]);
      if (most > 0 && std::abs(gram_.row(i)[k]) >= most * kNearly) return true;
    }
  }
  return false;
}

bool SparseCode::has_finite_products() const {
  return std::all_of(gram_.values.begin(), gram_.values.end(),
                     [](double each) { return std::isfinite(each); });
}

std::string SparseCode::describe() const {
  constexpr std::string_view kAlgorithms[] = {"threshold", "omp", "lars", "lasso_cd"};
  return fmt::format("{} of {} features by {} atoms",
                     kAlgorithms[static_cast<std::size_t>(options_.algorithm)], dictionary_.columns,
                     dictionary_.rows);
}

double SparseCode::row_ns() const {
  const auto atoms = static_cast<double>(dictionary_.rows);
  const double product_ns = static_cast<double>(dictionary_.columns) * atoms / 4;
  switch (options_.algorithm) {
    case Algorithm::Threshold: return product_ns + atoms;
    case Algorithm::MatchingPursuit:
      return product_ns + atoms * static_cast<double>(options_.nonzero * options_.nonzero) / 2;
    default: return product_ns + 100 * atoms * atoms;
  }
}

std::unique_ptr<State> SparseCode::make_state() const { return std::make_unique<Memory>(); }

void SparseCode::shrink(const double* correlations, double* code) const {
  for (std::size_t k = 0; k < dictionary_.rows; ++k) {
    const double size = std::max(std::abs(correlations[k]) - options_.alpha, 0.0);
    code[k] = correlations[k] > 0 ? size : correlations[k] < 0 ? -size : 0;
    if (options_.positive) code[k] = std::max(code[k], 0.0);
  }
}

// The atom most correlated with what is left becomes the next of those chosen, and a row of the
// factor; false where none is worth it.
bool SparseCode::choose_atom(Memory& memory, std::size_t active) const {
  const std::size_t atoms = dictionary_.rows;
  std::size_t best = 0;
  for (std::size_t k = 1; k < atoms; ++k) {
    if (std::abs(memory.left[k]) > std::abs(memory.left[best])) best = k;
  }
  if (best < active || !(memory.left[best] * memory.left[best] >= kSmallest)) return false;
  const double* gram = gram_.row(memory.order[best]);
  double* row = memory.factor.data() + active * options_.nonzero;
  double square = 0;
  for (std::size_t i = 0; i < active; ++i) {
    const double* above = memory.factor.data() + i * options_.nonzero;
    double sum = gram[memory.order[i]];
    for (std::size_t k = 0; k < i; ++k) sum -= above[k] * row[k];
    row[i] = sum / above[i];
    square += row[i] * row[i];
  }
  const double own = options_.unit_atoms ? 1 : gram[memory.order[best]];
  if (active > 0 && !(own - square > kSmallest)) return false;
  row[active] = std::sqrt(own - square);
  std::swap(memory.order[active], memory.order[best]);
  std::swap(memory.ordered[active], memory.ordered[best]);
  return true;
}

// The weights of the atoms chosen, and what they leave.
void SparseCode::solve_chosen(Memory& memory, std::size_t active) const {
  std::vector<double>& weights = memory.weights;
  const auto factor = [&](std::size_t i) { return memory.factor.data() + i * options_.nonzero; };
  weights.assign(memory.ordered.begin(),
                 memory.ordered.begin() + static_cast<std::ptrdiff_t>(active));
  for (std::size_t i = 0; i < active; ++i) {
    for (std::size_t k = 0; k < i; ++k) weights[i] -= factor(i)[k] * weights[k];
    weights[i] /= factor(i)[i];
  }
  for (std::size_t i = active; i-- > 0;) {
    for (std::size_t k = i + 1; k < active; ++k) weights[i] -= factor(k)[i] * weights[k];
    weights[i] /= factor(i)[i];
  }
  for (std::size_t k = 0; k < dictionary_.rows; ++k) {
    const double* gram = gram_.row(memory.order[k]);
    double sum = 0;
    for (std::size_t i = 0; i < active; ++i) sum += gram[memory.order[i]] * weights[i];
    memory.left[k] = memory.ordered[k] - sum;
  }
}

// Orthogonal matching pursuit by Cholesky's factor of the Gram matrix (_gram_omp).
void SparseCode::pursue(Memory& memory, double* code) const {
  const std::size_t atoms = dictionary_.rows;
  memory.order.resize(atoms);
  std::iota(memory.order.begin(), memory.order.end(), std::size_t{0});
  memory.left = memory.ordered;
  memory.weights.clear();
  memory.factor.resize(options_.nonzero * options_.nonzero);
  for (std::size_t active = 0; active < options_.nonzero; ++active) {
    if (!choose_atom(memory, active)) break;
    solve_chosen(memory, active + 1);
  }
  std::fill(code, code + atoms, 0.0);
  for (std::size_t i = 0; i < memory.weights.size(); ++i) code[memory.order[i]] = memory.weights[i];
}

base::Result<void> SparseCode::run(const Inputs& in, Buffer& out, State* state) const {
  auto& memory = static_cast<Memory&>(*state);
  const std::size_t atoms = dictionary_.rows;
  const Matrix& rows = in[0].dense;
  memory.correlations.resize(in.rows() * atoms);
  memory.code.resize(atoms);
  product({rows.values.data(), in.rows(), dictionary_.columns},
          {by_feature_.values.data(), by_feature_.rows, by_feature_.columns},
          memory.correlations.data());
  out.dense.resize(in.rows(), outputs());
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* correlations = memory.correlations.data() + i * atoms;
    double* code = memory.code.data();
    switch (options_.algorithm) {
      case Algorithm::Threshold: shrink(correlations, code); break;
      case Algorithm::MatchingPursuit:
        memory.ordered.assign(correlations, correlations + atoms);
        pursue(memory, code);
        break;
      case Algorithm::LeastAngle:
        LeastAngle(options_.angle).solve(gram_, correlations, memory.angle, code);
        break;
      case Algorithm::CoordinateDescent:
        options_.descent.solve(gram_, correlations,
                               dot(rows.row(i), rows.row(i), dictionary_.columns), memory.descent,
                               code);
        break;
    }
    double* to = out.dense.row(i);
    for (std::size_t k = 0; k < atoms; ++k) {
      to[k] = options_.split_sign ? std::max(code[k], 0.0) : code[k];
      if (options_.split_sign) to[atoms + k] = -std::min(code[k], 0.0);
    }
  }
  return {};
}

}  // namespace plan
