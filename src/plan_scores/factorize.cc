#include "plan_scores/factorize.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "plan_dense/product.h"

namespace plan {
namespace {

// numpy.finfo(numpy.float32).eps, below which NMF divides by nothing.
constexpr double kEpsilon = 1.1920928955078125e-07;

DenseView view(const Matrix& matrix) { return {matrix.values.data(), matrix.rows, matrix.columns}; }

double weights_norm(const std::vector<double>& values) {
  return std::sqrt(dot(values.data(), values.data(), values.size()));
}

}  // namespace

struct Factorize::Memory final : State {
  Matrix projected;    // rows x components: of the rows on the components.
  Matrix approximate;  // rows x features: weights x components.
  Matrix ratios;       // rows x features
  Matrix numerator;    // rows x components
  Matrix denominator;  // rows x components
  std::vector<double> before;
  std::vector<double> sums;  // Of each component, with the penalties of the rounds so far.
};

Factorize::Factorize(Matrix components, Options options)
    : components_(std::move(components)), options_(options) {
  by_feature_.resize(components_.columns, components_.rows);
  for (std::size_t k = 0; k < components_.rows; ++k) {
    for (std::size_t f = 0; f < components_.columns; ++f) {
      by_feature_.row(f)[k] = components_.row(k)[f];
    }
    sums_.push_back(
        std::accumulate(components_.row(k), components_.row(k) + components_.columns, 0.0));
  }
  gram_.resize(components_.rows, components_.rows);
  product(view(components_), view(by_feature_), gram_.values.data());
  if (options_.solver == Solver::CoordinateDescent) {
    for (std::size_t k = 0; k < gram_.rows; ++k) gram_.row(k)[k] += options_.l2;
  }
}

std::string Factorize::describe() const {
  return fmt::format("factorize {} features by {} components", components_.columns,
                     components_.rows);
}

double Factorize::row_ns() const {
  const auto size = static_cast<double>(components_.rows);
  return 100 + size * static_cast<double>(components_.columns) / 8 + 50 * size * size;
}

std::unique_ptr<State> Factorize::make_state() const { return std::make_unique<Memory>(); }

base::Result<void> Factorize::run(const Inputs& in, Buffer& out, State* state) const {
  auto& memory = static_cast<Memory&>(*state);
  const Matrix& rows = in[0].dense;
  double sum = 0;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < rows.values.size(); ++i) {
    sum += rows.values[i];
    least = std::min(least, rows.values[i]);
    if (rows.values[i] < 0) {
      return base::Error(base::Code::Invalid,
                         fmt::format("row {}: expected no negative feature, got {}",
                                     in.row_of_request(i / rows.columns), rows.values[i]));
    }
  }
  if (least == 0 && options_.beta_loss <= 0) {
    return base::Error(base::Code::Invalid,
                       "rows: expected no zero where beta_loss is at most 0, got one");
  }
  Matrix& weights = out.dense;
  weights.resize(rows.rows, components_.rows);
  memory.projected.resize(rows.rows, components_.rows);
  product(view(rows), view(by_feature_), memory.projected.values.data());
  if (options_.solver == Solver::CoordinateDescent) {
    std::fill(weights.values.begin(), weights.values.end(), 0.0);
    descend(memory, weights);
    return {};
  }
  const double mean = sum / static_cast<double>(std::max<std::size_t>(1, rows.values.size()));
  std::fill(weights.values.begin(), weights.values.end(),
            std::sqrt(mean / static_cast<double>(components_.rows)));
  multiply(memory, rows, weights);
  return {};
}

// Each weight in turn to where the squared error, with its penalties, is least; until the gradients
// of a round are small beside those of the first.
void Factorize::descend(Memory& memory, Matrix& weights) const {
  const std::size_t count = components_.rows;
  double first = 0;
  for (std::size_t round = 1; round <= options_.rounds; ++round) {
    double violation = 0;
    for (std::size_t t = 0; t < count; ++t) {
      const double* gram = gram_.row(t);
      for (std::size_t i = 0; i < weights.rows; ++i) {
        double* row = weights.row(i);
        double gradient = -(memory.projected.row(i)[t] - options_.l1);
        for (std::size_t r = 0; r < count; ++r) gradient += gram[r] * row[r];
        violation += std::abs(row[t] == 0 ? std::min(0.0, gradient) : gradient);
        if (gram[t] != 0) row[t] = std::max(row[t] - gradient / gram[t], 0.0);
      }
    }
    if (round == 1) first = violation;
    if (first == 0 || violation / first <= options_.tolerance) return;
  }
}

void Factorize::multiply(Memory& memory, const Matrix& rows, Matrix& weights) const {
  constexpr std::size_t kLookEvery = 10;
  const bool online = options_.solver == Solver::Online;
  const double start = online ? 0 : divergence(memory, rows, weights);
  double error = start;
  memory.sums = sums_;
  for (std::size_t round = 1; round <= options_.rounds; ++round) {
    memory.before = weights.values;
    if (online) memory.sums = sums_;
    update(memory, rows, weights);
    if (online) {
      for (std::size_t k = 0; k < memory.before.size(); ++k) {
        memory.before[k] = weights.values[k] - memory.before[k];
      }
      const double change = weights_norm(memory.before) / weights_norm(weights.values);
      if (options_.tolerance > 0 && change <= options_.tolerance) return;
      continue;
    }
    if (options_.beta_loss < 1) {
      for (double& each : weights.values) {
        if (each < std::numeric_limits<double>::epsilon()) each = 0;
      }
    }
    if (options_.tolerance > 0 && round % kLookEvery == 0) {
      const double now = divergence(memory, rows, weights);
      if ((error - now) / start < options_.tolerance) return;
      error = now;
    }
  }
}

// rows * (weights x components) ^ (beta - 2), and in `approximate` the power beta - 1 of the same.
void Factorize::find_ratios(Memory& memory, const Matrix& rows, const Matrix& weights) const {
  const double beta = options_.beta_loss;
  memory.approximate.resize(rows.rows, rows.columns);
  memory.ratios.resize(rows.rows, rows.columns);
  product(view(weights), view(components_), memory.approximate.values.data());
  for (std::size_t k = 0; k < rows.values.size(); ++k) {
    double& given = memory.approximate.values[k];
    const double safe = beta < 2 && given < kEpsilon ? kEpsilon : given;
    const double x = rows.values[k];
    if (beta == 1) {
      memory.ratios.values[k] = x / safe;
    } else if (beta == 0) {
      memory.ratios.values[k] = (1 / safe) * (1 / safe) * x;
    } else {
      memory.ratios.values[k] = std::pow(safe, beta - 2) * x;
    }
    if (beta < 1 && given < kEpsilon) given = kEpsilon;
    if (beta != 1) given = std::pow(given, beta - 1);
  }
}

void Factorize::update(Memory& memory, const Matrix& rows, Matrix& weights) const {
  const double beta = options_.beta_loss;
  const std::size_t count = components_.rows;
  const double power = beta < 1 ? 1 / (2 - beta) : beta > 2 ? 1 / (beta - 1) : 1;
  memory.denominator.resize(rows.rows, count);
  memory.numerator.resize(rows.rows, count);
  if (beta == 2) {
    memory.numerator.values = memory.projected.values;
    product(view(weights), view(gram_), memory.denominator.values.data());
  } else {
    find_ratios(memory, rows, weights);
    product(view(memory.ratios), view(by_feature_), memory.numerator.values.data());
    if (beta != 1) {
      product(view(memory.approximate), view(by_feature_), memory.denominator.values.data());
    }
  }
  // scikit-learn adds to the sums that it keeps, so that NMF adds once more in each round.
  for (double& each : memory.sums) each += options_.l1 > 0 ? options_.l1 : 0;
  for (std::size_t i = 0; i < rows.rows; ++i) {
    for (std::size_t k = 0; k < count; ++k) {
      double& weight = weights.row(i)[k];
      double below = beta == 1 ? memory.sums[k] : memory.denominator.row(i)[k];
      if (beta != 1 && options_.l1 > 0) below += options_.l1;
      if (options_.l2 > 0) below += options_.l2 * weight;
      if (below == 0) below = kEpsilon;
      const double factor = memory.numerator.row(i)[k] / below;
      weight *= power == 1 ? factor : std::pow(factor, power);
    }
  }
}

// The root of twice the beta divergence of the rows from weights x components.
double Factorize::divergence(Memory& memory, const Matrix& rows, const Matrix& weights) const {
  const double beta = options_.beta_loss;
  memory.approximate.resize(rows.rows, rows.columns);
  product(view(weights), view(components_), memory.approximate.values.data());
  double sum = 0;
  for (std::size_t k = 0; k < rows.values.size(); ++k) {
    const double x = rows.values[k];
    const double given = memory.approximate.values[k];
    const double safe = std::max(given, kEpsilon);
    if (beta == 2) {
      sum += (x - given) * (x - given) / 2;
    } else if (beta == 1) {
      sum += given - x + (x > kEpsilon ? x * std::log(x / safe) : 0);
    } else if (beta == 0) {
      if (x > kEpsilon) sum += x / safe - std::log(x / safe) - 1;
    } else {
      const double own = x > kEpsilon ? std::pow(x, beta) - beta * x * std::pow(safe, beta - 1) : 0;
      sum += (own + (beta - 1) * std::pow(given, beta)) / (beta * (beta - 1));
    }
  }
  return std::sqrt(2 * std::max(sum, 0.0));
}

}  // namespace plan
