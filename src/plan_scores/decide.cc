#include "plan_scores/decide.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace plan {

std::string Threshold::describe() const {
  return fmt::format("{} columns {} {}", width_, rule_.includes ? ">=" : ">", rule_.threshold);
}

bool Threshold::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const Threshold*>(&other);
  return as != nullptr && as->width_ == width_ && as->rule_ == rule_;
}

base::Result<void> Threshold::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), width_);
  const std::vector<double>& from = in[0].dense.values;
  for (std::size_t k = 0; k < from.size(); ++k) {
    const bool is_above =
        from[k] > rule_.threshold || (rule_.includes && from[k] == rule_.threshold);
    out.dense.values[k] = is_above ? rule_.above : rule_.below;
  }
  return {};
}

std::string Shares::describe() const { return fmt::format("{} columns by their sum", width_); }

bool Shares::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const Shares*>(&other);
  return as != nullptr && as->width_ == width_ && as->of_zero_ == of_zero_;
}

base::Result<void> Shares::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), width_);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* from = in[0].dense.row(i);
    double* to = out.dense.row(i);
    double sum = 0;
    for (std::size_t c = 0; c < width_; ++c) sum += from[c];
    if (sum == 0 && of_zero_ == OfZero::Zero) {
      std::copy_n(from, width_, to);
    } else if (sum == 0 && of_zero_ == OfZero::Uniform) {
      std::fill_n(to, width_, 1 / static_cast<double>(width_));
    } else {
      for (std::size_t c = 0; c < width_; ++c) to[c] = from[c] / sum;
    }
  }
  return {};
}

std::string Combine::describe() const {
  return fmt::format("combine {} columns into {}", inputs_, weights_.size());
}

bool Combine::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const Combine*>(&other);
  return as != nullptr && as->inputs_ == inputs_ && as->weights_ == weights_;
}

base::Result<void> Combine::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), weights_.size());
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* from = in[0].dense.row(i);
    double* to = out.dense.row(i);
    for (const std::vector<double>& weights : weights_) {
      double sum = 0;
      for (std::size_t c = 0; c < inputs_; ++c) {
        if (weights[c] != 0) sum += weights[c] * from[c];
      }
      *to++ = sum;
    }
  }
  return {};
}

std::string Largest::describe() const { return fmt::format("largest of {} columns", width_); }

bool Largest::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const Largest*>(&other);
  return as != nullptr && as->width_ == width_ && as->last_ == last_;
}

base::Result<void> Largest::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), 1);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* from = in[0].dense.row(i);
    double most = -std::numeric_limits<double>::infinity();
    std::size_t at = 0;
    for (std::size_t c = 0; c < width_; ++c) {
      if (from[c] > most || (last_ && from[c] == most)) {
        most = from[c];
        at = c;
      }
    }
    out.dense.row(i)[0] = static_cast<double>(at);
  }
  return {};
}

namespace {

struct PairState final : State {
  std::vector<double> confidences;
};

}  // namespace

std::string PairVotes::describe() const {
  return fmt::format("votes of pairs of {} classes", classes_);
}

std::unique_ptr<State> PairVotes::make_state() const {
  auto state = std::make_unique<PairState>();
  state->confidences.resize(classes_);
  return state;
}

base::Result<void> PairVotes::run(const Inputs& in, Buffer& out, State* state) const {
  std::vector<double>& sums = static_cast<PairState*>(state)->confidences;
  out.dense.resize(in.rows(), classes_);
  std::fill(out.dense.values.begin(), out.dense.values.end(), 0.0);
  for (std::size_t row = 0; row < in.rows(); ++row) {
    const double* predictions = in[0].dense.row(row);
    const double* confidences = in[1].dense.row(row);
    double* votes = out.dense.row(row);
    std::fill(sums.begin(), sums.end(), 0.0);
    std::size_t k = 0;
    for (std::size_t i = 0; i < classes_; ++i) {
      for (std::size_t j = i + 1; j < classes_; ++j, ++k) {
        sums[i] -= confidences[k];
        sums[j] += confidences[k];
        if (predictions[k] == 0) votes[i] += 1;
        if (predictions[k] == 1) votes[j] += 1;
      }
    }
    for (std::size_t i = 0; i < classes_; ++i) {
      votes[i] += sums[i] / (3 * (std::abs(sums[i]) + 1));
    }
  }
  return {};
}

std::string NearestCode::describe() const {
  return fmt::format("nearest of {} codes of {} columns", codes_.size() / width_, width_);
}

base::Result<void> NearestCode::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), 1);
  const std::size_t count = codes_.size() / width_;
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* from = in[0].dense.row(i);
    double least = std::numeric_limits<double>::infinity();
    std::size_t at = 0;
    for (std::size_t k = 0; k < count; ++k) {
      double sum = 0;
      for (std::size_t c = 0; c < width_; ++c) {
        const double apart = from[c] - codes_[k * width_ + c];
        sum += apart * apart;
      }
      if (sum < least) {
        least = sum;
        at = k;
      }
    }
    out.dense.row(i)[0] = static_cast<double>(at);
  }
  return {};
}

}  // namespace plan
