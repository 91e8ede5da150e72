#include "boosters/linear_trees.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace boosters {
namespace {

struct LinearState final : plan::State {
  forest::Scratch scratch;
  std::vector<double> leaves;
};

}  // namespace

std::string LinearTrees::describe() const {
  return fmt::format("walk {} linear trees over {} features", forest_->trees(),
                     forest_->features());
}

std::unique_ptr<plan::State> LinearTrees::make_state() const {
  return std::make_unique<LinearState>();
}

double LinearTrees::answer(std::size_t tree, std::size_t leaf, const double* row) const {
  const forest::LinearLeaves& linear = models_->leaves[tree];
  double sum = linear.constants[leaf];
  for (std::size_t k = linear.begins[leaf]; k < linear.begins[leaf + 1]; ++k) {
    const double x = row[linear.features[k]];
    if (std::isnan(x)) return models_->values[tree][leaf];
    if (std::abs(x) > forest::kZeroThreshold) sum += linear.coefficients[k] * x;
  }
  return sum;
}

base::Result<void> LinearTrees::run(const plan::Inputs& in, plan::Buffer& out,
                                    plan::State* state) const {
  auto& kept = *static_cast<LinearState*>(state);
  const std::size_t trees = forest_->trees();
  const std::size_t outputs = models_->outputs;
  out.dense.resize(in.rows(), outputs);
  std::fill(out.dense.values.begin(), out.dense.values.end(), 0.0);
  kept.leaves.resize(in.rows() * trees);
  forest_->apply(in[0].dense.values, kept.leaves, kept.scratch);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* leaves = kept.leaves.data() + i * trees;
    double* sums = out.dense.row(i);
    for (std::size_t t = 0; t < trees; ++t) {
      sums[t % outputs] += answer(t, static_cast<std::size_t>(leaves[t]), in[0].dense.row(i));
    }
  }
  return {};
}

}  // namespace boosters
