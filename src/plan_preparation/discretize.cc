#include "plan_preparation/discretize.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace plan {
namespace {

// Up to 1.0, as KBinsDiscretizer has them from numpy.isclose.
constexpr double kRelative = 1e-5;
constexpr double kAbsolute = 1e-8;

}  // namespace

Discretize::Discretize(std::vector<Feature> features, Options options)
    : features_(std::move(features)), options_(options) {
  if (!options_.one_hot) outputs_ = features_.size();
  for (const Feature& feature : features_) outputs_ += options_.one_hot ? feature.bins : 0;
}

std::string Discretize::describe() const {
  return fmt::format("bins of {} features as {} {}", features_.size(), outputs_,
                     options_.one_hot ? "indicators" : "numbers");
}

std::size_t Discretize::bin(const Feature& feature, double x) const {
  if (options_.float32) x = static_cast<double>(static_cast<float>(x));
  if (options_.tolerant) x += kAbsolute + kRelative * std::abs(x);
  std::size_t bin = 0;
  if (feature.edges.size() <= 8) {
    for (const double edge : feature.edges) bin += edge <= x ? 1 : 0;
  } else {
    bin = static_cast<std::size_t>(std::upper_bound(feature.edges.begin(), feature.edges.end(), x) -
                                   feature.edges.begin());
  }
  return std::min(bin, feature.bins - 1);
}

base::Result<void> Discretize::run(const Inputs& in, Buffer& out, State*) const {
  if (!options_.one_hot) {
    out.dense.resize(in.rows(), outputs_);
    for (std::size_t i = 0; i < in.rows(); ++i) {
      const double* from = in[0].dense.row(i);
      double* to = out.dense.row(i);
      for (std::size_t c = 0; c < features_.size(); ++c) {
        to[c] = static_cast<double>(bin(features_[c], from[c]));
      }
    }
    return {};
  }
  out.sparse.clear(outputs_);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* from = in[0].dense.row(i);
    std::size_t first = 0;
    for (std::size_t c = 0; c < features_.size(); ++c) {
      out.sparse.push(first + bin(features_[c], from[c]), 1);
      first += features_[c].bins;
    }
    out.sparse.end_row();
  }
  return {};
}

}  // namespace plan
