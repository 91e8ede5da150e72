#include "plan_neighbors/embedding.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "plan_dense/kernel_center.h"
#include "plan_dense/product.h"

namespace plan {
namespace {

constexpr double kNoWay = std::numeric_limits<double>::infinity();

struct Ways final : State {
  std::vector<double> ways;  // rows x rows of the fit
};

}  // namespace

std::string Geodesic::describe() const {
  return fmt::format("shortest ways to {} rows as {} features", fitted_.distances.rows,
                     fitted_.vectors.columns);
}

double Geodesic::row_ns() const {
  const auto rows = static_cast<double>(fitted_.distances.rows);
  const double ways = fitted_.within_radius ? rows / 4 : 10;  // Of each row that is near.
  return rows * (ways + static_cast<double>(fitted_.vectors.columns) / 2);
}

std::unique_ptr<State> Geodesic::make_state() const { return std::make_unique<Ways>(); }

void Geodesic::pass_through(std::size_t row, double distance, double* to) const {
  const double* from = fitted_.distances.row(row);
  for (std::size_t k = 0; k < fitted_.distances.columns; ++k) {
    to[k] = std::min(to[k], from[k] + distance);
  }
}

// False where there is no neighbour.
bool Geodesic::find_shortest(const Buffer& neighbors, std::size_t row, double* to) const {
  std::fill(to, to + fitted_.distances.columns, kNoWay);
  if (!fitted_.within_radius) {
    const double* from = neighbors.dense.row(row);
    const std::size_t count = neighbors.dense.columns / 2;
    for (std::size_t k = 0; k < count; ++k) {
      pass_through(static_cast<std::size_t>(from[count + k]), from[k], to);
    }
    return true;
  }
  const auto near = neighbors.sparse.row_indices(row);
  const auto distances = neighbors.sparse.row_values(row);
  for (std::size_t k = 0; k < near.size(); ++k) pass_through(near[k], distances[k], to);
  return !near.empty();
}

void Geodesic::center(double* ways) const {
  for (std::size_t k = 0; k < fitted_.means.size(); ++k) ways[k] = ways[k] * ways[k] * -0.5;
  center_kernel_row(fitted_.means, fitted_.mean, ways, ways);
}

base::Result<void> Geodesic::run(const Inputs& in, Buffer& out, State* state) const {
  std::vector<double>& ways = static_cast<Ways*>(state)->ways;
  const std::size_t count = fitted_.distances.rows;
  ways.resize(in.rows() * count);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    double* to = ways.data() + i * count;
    if (!find_shortest(in[0], i, to)) {
      return base::Error(base::Code::Invalid,
                         fmt::format("row {}: expected a neighbour within the radius, got none",
                                     in.row_of_request(i)));
    }
    center(to);
  }
  out.dense.resize(in.rows(), fitted_.vectors.columns);
  product({ways.data(), in.rows(), count},
          {fitted_.vectors.values.data(), count, fitted_.vectors.columns}, out.dense.values.data());
  return {};
}

struct Barycenter::Memory final : State {
  std::vector<double> differences;  // neighbours x features
  std::vector<double> gram;         // neighbours x neighbours, then its factor
  std::vector<double> weights;
};

std::string Barycenter::describe() const {
  return fmt::format("barycenters of neighbours as {} features", fitted_.embedding.columns);
}

// A product of each two neighbours, and the factor of these products.
double Barycenter::row_ns() const {
  const auto count = static_cast<double>(fitted_.neighbors);
  const double pairs = count * (count + 1) / 2;
  return 50 + pairs * (25 + 0.18 * static_cast<double>(fitted_.rows.columns)) +
         0.23 * count * count * count + count * static_cast<double>(fitted_.embedding.columns);
}

std::unique_ptr<State> Barycenter::make_state() const { return std::make_unique<Memory>(); }

// The inner products of what the neighbours are away by, with more on the diagonal.
void Barycenter::measure(const double* row, const double* neighbors, Memory& memory) const {
  const std::size_t count = memory.weights.size();
  const std::size_t features = fitted_.rows.columns;
  for (std::size_t i = 0; i < count; ++i) {
    const double* stored = fitted_.rows.row(static_cast<std::size_t>(neighbors[count + i]));
    for (std::size_t f = 0; f < features; ++f) {
      memory.differences[i * features + f] = stored[f] - row[f];
    }
  }
  double trace = 0;
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k <= i; ++k) {
      memory.gram[i * count + k] = dot(memory.differences.data() + i * features,
                                       memory.differences.data() + k * features, features);
    }
    trace += memory.gram[i * count + i];
  }
  const double more = trace > 0 ? fitted_.regularization * trace : fitted_.regularization;
  for (std::size_t i = 0; i < count; ++i) memory.gram[i * count + i] += more;
}

namespace {

// gram x = x, by Cholesky's factor, which takes its place; false where it has none.
bool solve_positive(std::vector<double>& gram, std::vector<double>& x) {
  const std::size_t count = x.size();
  const auto at = [&](std::size_t i, std::size_t k) -> double& { return gram[i * count + k]; };
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k <= i; ++k) {
      double sum = at(i, k);
      for (std::size_t j = 0; j < k; ++j) sum -= at(i, j) * at(k, j);
      if (i == k && !(sum > 0)) return false;
      at(i, k) = i == k ? std::sqrt(sum) : sum / at(k, k);
    }
    for (std::size_t k = 0; k < i; ++k) x[i] -= at(i, k) * x[k];
    x[i] /= at(i, i);
  }
  for (std::size_t i = count; i-- > 0;) {
    for (std::size_t k = i + 1; k < count; ++k) x[i] -= at(k, i) * x[k];
    x[i] /= at(i, i);
  }
  return true;
}

}  // namespace

base::Result<void> Barycenter::run(const Inputs& in, Buffer& out, State* state) const {
  auto& memory = static_cast<Memory&>(*state);
  const std::size_t count = in[1].dense.columns / 2;
  const std::size_t outputs = fitted_.embedding.columns;
  memory.differences.resize(count * fitted_.rows.columns);
  memory.gram.resize(count * count);
  out.dense.resize(in.rows(), outputs);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* neighbors = in[1].dense.row(i);
    memory.weights.assign(count, 1.0);
    measure(in[0].dense.row(i), neighbors, memory);
    if (!solve_positive(memory.gram, memory.weights)) {
      return base::Error(
          base::Code::Invalid,
          fmt::format("row {}: expected neighbours that weights can be found for, got others",
                      in.row_of_request(i)));
    }
    const double sum = std::accumulate(memory.weights.begin(), memory.weights.end(), 0.0);
    double* to = out.dense.row(i);
    std::fill(to, to + outputs, 0.0);
    for (std::size_t k = 0; k < count; ++k) {
      const double weight = memory.weights[k] / sum;
      const double* from = fitted_.embedding.row(static_cast<std::size_t>(neighbors[count + k]));
      for (std::size_t c = 0; c < outputs; ++c) to[c] += from[c] * weight;
    }
  }
  return {};
}

}  // namespace plan
