#include "plan_scores/vote.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace plan {
namespace {

// What stands at an index that a step before left; nothing it leaves is out of range.
template <typename T>
T entry(const std::vector<T>& table, double index, T otherwise) {
  const bool inside = index >= 0 && index < static_cast<double>(table.size());
  return inside ? table[static_cast<std::size_t>(index)] : otherwise;
}

}  // namespace

std::string Translate::describe() const {
  return fmt::format("look up {} columns of indices", tables_.size());
}

bool Translate::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const Translate*>(&other);
  return as != nullptr && as->tables_ == tables_;
}

base::Result<void> Translate::run(const Inputs& in, Buffer& out, State*) const {
  const std::size_t width = tables_.size();
  out.dense.resize(in.rows(), width);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* from = in[0].dense.row(i);
    double* to = out.dense.row(i);
    for (std::size_t c = 0; c < width; ++c) to[c] = entry(tables_[c], from[c], std::nan(""));
  }
  return {};
}

std::string Vote::describe() const {
  return fmt::format("votes of {} classifiers for {} classes", voters_.size(), classes_);
}

base::Result<void> Vote::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), classes_);
  std::fill(out.dense.values.begin(), out.dense.values.end(), 0.0);
  for (std::size_t v = 0; v < voters_.size(); ++v) {
    const Voter& voter = voters_[v];
    const auto nobody = static_cast<std::uint32_t>(classes_);
    for (std::size_t i = 0; i < in.rows(); ++i) {
      const std::uint32_t choice = entry(voter.classes, in[v].dense.row(i)[0], nobody);
      double* to = out.dense.row(i);
      if (voter.miss != 0) {
        for (std::uint32_t c = 0; c < nobody; ++c) to[c] += c == choice ? voter.hit : voter.miss;
      } else if (choice < nobody) {
        to[choice] += voter.hit;
      }
    }
  }
  if (divisor_ == 1) return {};
  for (double& each : out.dense.values) each /= divisor_;
  return {};
}

std::string SammeShare::describe() const {
  return fmt::format("logarithms of {} probabilities, less their mean", classes_);
}

bool SammeShare::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const SammeShare*>(&other);
  return as != nullptr && as->classes_ == classes_;
}

void samme_share(const double* probabilities, std::size_t classes, double* share) {
  const auto count = static_cast<double>(classes);
  double sum = 0;
  for (std::size_t k = 0; k < classes; ++k) {
    share[k] = std::log(std::max(probabilities[k], std::numeric_limits<double>::epsilon()));
    sum += share[k];
  }
  for (std::size_t k = 0; k < classes; ++k) {
    share[k] = (count - 1) * (share[k] - (1.0 / count) * sum);
  }
}

base::Result<void> SammeShare::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), classes_);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    samme_share(in[0].dense.row(i), classes_, out.dense.row(i));
  }
  return {};
}

}  // namespace plan
