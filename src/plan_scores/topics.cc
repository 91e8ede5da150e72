#include "plan_scores/topics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <fmt/format.h>

namespace plan {

struct Topics::Memory final : State {
  std::vector<std::size_t> words;
  std::vector<double> counts;
  std::vector<double> expected;  // exp(E[log theta])
  std::vector<double> last;
};

namespace {

// The digamma function as scikit-learn approximates it, whose error decides when it stops.
double digamma(double x) {
  constexpr double kEuler = 0.577215664901532860606512090082402431;
  constexpr double kFar = 6;
  if (x <= 1e-6) return -kEuler - 1. / x;
  double result = 0;
  for (; x < kFar; x += 1) result -= 1. / x;
  double r = 1. / x;
  result += std::log(x) - .5 * r;
  r = r * r;
  return result - r * ((1. / 12.) - r * ((1. / 120.) - r * (1. / 252.)));
}

void expect_dirichlet(const double* topics, std::vector<double>& expected) {
  double total = 0;
  for (std::size_t k = 0; k < expected.size(); ++k) total += topics[k];
  const double of_total = digamma(total);
  for (std::size_t k = 0; k < expected.size(); ++k) {
    expected[k] = std::exp(digamma(topics[k]) - of_total);
  }
}

}  // namespace

std::string Topics::describe() const {
  return fmt::format("{} topics of {} words", words_.columns, words_.rows);
}

double Topics::row_ns() const {
  const auto words = static_cast<double>(std::min<std::size_t>(words_.rows, 100));
  return 10 *
         (50 * static_cast<double>(words_.columns) + words * static_cast<double>(words_.columns));
}

std::unique_ptr<State> Topics::make_state() const { return std::make_unique<Memory>(); }

base::Result<void> Topics::run(const Inputs& in, Buffer& out, State* state) const {
  auto& memory = static_cast<Memory&>(*state);
  const std::size_t count = words_.columns;
  out.dense.resize(in.rows(), count);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    memory.words.clear();
    memory.counts.clear();
    const std::size_t entries =
        form_ == Form::Sparse ? in[0].sparse.row_indices(i).size() : in[0].dense.columns;
    for (std::size_t k = 0; k < entries; ++k) {
      const bool sparse = form_ == Form::Sparse;
      const double value = sparse ? in[0].sparse.row_values(i)[k] : in[0].dense.row(i)[k];
      if (value < 0) {
        return base::Error(
            base::Code::Invalid,
            fmt::format("row {}: expected no negative count, got {}", in.row_of_request(i), value));
      }
      if (value == 0 && !sparse) continue;
      memory.words.push_back(sparse ? in[0].sparse.row_indices(i)[k] : k);
      memory.counts.push_back(value);
    }
    double* topics = out.dense.row(i);
    settle(memory, topics);
    if (!options_.normalize) continue;
    const double sum = std::accumulate(topics, topics + count, 0.0);
    for (std::size_t k = 0; k < count; ++k) topics[k] /= sum;
  }
  return {};
}

void Topics::settle(Memory& memory, double* topics) const {
  const std::size_t count = words_.columns;
  std::fill_n(topics, count, 1.0);
  memory.expected.resize(count);
  expect_dirichlet(topics, memory.expected);
  for (std::size_t round = 0; round < options_.rounds; ++round) {
    memory.last.assign(topics, topics + count);
    std::fill_n(topics, count, 0.0);
    for (std::size_t w = 0; w < memory.words.size(); ++w) {
      const double* word = words_.row(memory.words[w]);
      double norm = 0;
      for (std::size_t k = 0; k < count; ++k) norm += memory.expected[k] * word[k];
      const double share = memory.counts[w] / (norm + std::numeric_limits<double>::epsilon());
      for (std::size_t k = 0; k < count; ++k) topics[k] += share * word[k];
    }
    double change = 0;
    for (std::size_t k = 0; k < count; ++k) {
      topics[k] = memory.expected[k] * topics[k] + options_.prior;
      change += std::abs(memory.last[k] - topics[k]);
    }
    expect_dirichlet(topics, memory.expected);
    if (change / static_cast<double>(count) < options_.tolerance) return;
  }
}

}  // namespace plan
