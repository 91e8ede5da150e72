#include "plan/whitened.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace plan {
namespace {

struct Rotated final : State {
  std::vector<double> rotated;
};

}  // namespace

Whitened::Whitened(std::vector<Part> parts)
    : parts_(std::move(parts)), features_(parts_.front().center.size()) {}

std::string Whitened::describe() const {
  return fmt::format("log likelihoods of {} features under {} distributions", features_,
                     parts_.size());
}

double Whitened::row_ns() const {
  double products = 0;
  for (const Part& part : parts_) products += static_cast<double>(part.matrix.size());
  return 10 + products / 2;
}

std::unique_ptr<State> Whitened::make_state() const { return std::make_unique<Rotated>(); }

base::Result<void> Whitened::run(const Inputs& in, Buffer& out, State* state) const {
  std::vector<double>& rotated = static_cast<Rotated*>(state)->rotated;
  out.dense.resize(in.rows(), parts_.size());
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* x = in[0].dense.row(i);
    for (std::size_t k = 0; k < parts_.size(); ++k) {
      const Part& part = parts_[k];
      rotated.assign(part.columns, 0.0);
      for (std::size_t f = 0; f < features_; ++f) {
        const double difference = x[f] - part.center[f];
        const double* row = part.matrix.data() + f * part.columns;
        for (std::size_t c = 0; c < part.columns; ++c) rotated[c] += difference * row[c];
      }
      double squares = 0;
      for (const double each : rotated) squares += each * each;
      out.dense.row(i)[k] = part.constant - 0.5 * squares;
    }
  }
  return {};
}

}  // namespace plan
