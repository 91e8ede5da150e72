#include "plan_kernels/random_features.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "plan/columns.h"
#include "plan_dense/product.h"

namespace plan {

std::string Cosines::describe() const { return fmt::format("cosines of {} features", width_); }

base::Result<void> Cosines::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), width_);
  std::vector<double>& cosines = out.dense.values;
  std::copy(in[0].dense.values.begin(), in[0].dense.values.end(), cosines.begin());
  cosine_each(cosines.data(), cosines.size());
  scale_each(cosines.data(), cosines.size(), factor_, 0);
  return {};
}

std::string ShiftedLog::describe() const {
  return fmt::format("logarithms of {} features plus {}", width_, shift_);
}

base::Result<void> ShiftedLog::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), width_);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* from = in[0].dense.row(i);
    double* to = out.dense.row(i);
    for (std::size_t c = 0; c < width_; ++c) {
      if (from[c] <= -shift_) {
        return base::Error(
            base::Code::Invalid,
            fmt::format("row {}, {}: expected a number above {}, got {}", in.row_of_request(i),
                        feature_label(names_, c), -shift_, from[c]));
      }
      to[c] = from[c] + shift_;
    }
  }
  log_each(out.dense.values.data(), out.dense.values.size());
  return {};
}

base::Result<void> NotNegative::run(const Inputs& in, Buffer& out, State*) const {
  const bool sparse = form_ == Form::Sparse;
  if (sparse) {
    out.sparse = in[0].sparse;
  } else {
    out.dense = in[0].dense;
  }
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const std::span<const double> row =
        sparse ? in[0].sparse.row_values(i) : std::span(in[0].dense.row(i), in[0].dense.columns);
    const auto negative = std::find_if(row.begin(), row.end(), [](double x) { return x < 0; });
    if (negative == row.end()) continue;
    const auto k = static_cast<std::size_t>(negative - row.begin());
    const std::size_t feature = sparse ? in[0].sparse.row_indices(i)[k] : k;
    return base::Error(base::Code::Invalid,
                       fmt::format("row {}, {}: expected 0 or more, got {}", in.row_of_request(i),
                                   feature_label(names_, feature), *negative));
  }
  return {};
}

AdditiveChi2::AdditiveChi2(Form form, std::size_t width, std::size_t sample_steps, double interval)
    : form_(form), width_(width), interval_(interval) {
  for (std::size_t j = 1; j < sample_steps; ++j) {
    scales_.push_back(std::cosh(std::numbers::pi * static_cast<double>(j) * interval));
  }
}

std::string AdditiveChi2::describe() const {
  return fmt::format("{} samples of the chi-squared kernel of {} features", outputs(), width_);
}

namespace {

struct AdditiveChi2State final : State {
  std::vector<double> samples;  // Of the numbers of a sparse row, block by block.
  std::vector<double> scratch;
};

}  // namespace

std::unique_ptr<State> AdditiveChi2::make_state() const {
  return std::make_unique<AdditiveChi2State>();
}

// Block 0 is the root, then a cosine and a sine for each step; all are 0 where the number is.
void AdditiveChi2::sample(std::span<const double> numbers, double* to,
                          std::vector<double>& scratch) const {
  const std::size_t count = numbers.size();
  for (std::size_t k = 0; k < count; ++k) to[k] = numbers[k] * interval_;
  root_each(to, count);
  scratch.resize(2 * count);
  double* logarithms = scratch.data();
  double* factors = logarithms + count;
  for (std::size_t k = 0; k < count; ++k) logarithms[k] = numbers[k] == 0 ? 1 : numbers[k];
  log_each(logarithms, count);
  for (std::size_t j = 1; j <= scales_.size(); ++j) {
    double* cosines = to + (2 * j - 1) * count;
    double* sines = cosines + count;
    for (std::size_t k = 0; k < count; ++k) {
      cosines[k] = static_cast<double>(j) * (interval_ * logarithms[k]);
      sines[k] = cosines[k];
      factors[k] = 2 * numbers[k] * interval_ / scales_[j - 1];
    }
    cosine_each(cosines, count);
    sine_each(sines, count);
    root_each(factors, count);
    multiply_each(cosines, factors, count);
    multiply_each(sines, factors, count);
  }
}

base::Result<void> AdditiveChi2::run(const Inputs& in, Buffer& out, State* state) const {
  auto& [samples, scratch] = static_cast<AdditiveChi2State&>(*state);
  if (form_ == Form::Dense) {
    out.dense.resize(in.rows(), outputs());
    for (std::size_t i = 0; i < in.rows(); ++i) {
      sample({in[0].dense.row(i), width_}, out.dense.row(i), scratch);
    }
    return {};
  }
  out.sparse.clear(outputs());
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const auto indices = in[0].sparse.row_indices(i);
    const std::size_t count = indices.size();
    samples.resize(count * blocks());
    sample(in[0].sparse.row_values(i), samples.data(), scratch);
    for (std::size_t block = 0; block < blocks(); ++block) {
      for (std::size_t k = 0; k < count; ++k) {
        out.sparse.push(block * width_ + indices[k], samples[block * count + k]);
      }
    }
    out.sparse.end_row();
  }
  return {};
}

namespace {

struct CountSketchState final : State {
  std::vector<double> sketch;
  std::vector<double> product;
};

// out = from convolved around with the few numbers of `sketch` that are not 0.
void convolve(const std::vector<double>& sketch, const double* from, std::vector<double>& out) {
  const std::size_t count = sketch.size();
  std::fill(out.begin(), out.end(), 0.0);
  for (std::size_t shift = 0; shift < count; ++shift) {
    const double factor = sketch[shift];
    if (factor == 0) continue;
    const std::size_t tail = count - shift;
    for (std::size_t k = 0; k < tail; ++k) out[shift + k] += factor * from[k];
    for (std::size_t k = 0; k < shift; ++k) out[k] += factor * from[tail + k];
  }
}

}  // namespace

std::string CountSketch::describe() const {
  return fmt::format("{} sketches of {} features", fitted_.components, fitted_.features);
}

double CountSketch::row_ns() const {
  return 10 + static_cast<double>(fitted_.components_of.size() * fitted_.components) / 4;
}

std::unique_ptr<State> CountSketch::make_state() const {
  auto state = std::make_unique<CountSketchState>();
  state->sketch.resize(fitted_.components);
  state->product.resize(fitted_.components);
  return state;
}

void CountSketch::sketch(std::size_t degree, const double* row, double* out) const {
  const std::size_t width = inputs();
  const std::size_t* components = fitted_.components_of.data() + degree * width;
  const double* signs = fitted_.signs.data() + degree * width;
  const double gamma = std::sqrt(fitted_.gamma);
  std::fill_n(out, fitted_.components, 0.0);
  for (std::size_t c = 0; c < width; ++c) {
    const double x = c < fitted_.features ? gamma * row[c] : std::sqrt(fitted_.coef0);
    out[components[c]] += signs[c] * x;
  }
}

base::Result<void> CountSketch::run(const Inputs& in, Buffer& out, State* state) const {
  auto& kept = static_cast<CountSketchState&>(*state);
  const std::size_t degrees = fitted_.components_of.size() / inputs();
  out.dense.resize(in.rows(), fitted_.components);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    double* to = out.dense.row(i);
    sketch(0, in[0].dense.row(i), to);
    for (std::size_t degree = 1; degree < degrees; ++degree) {
      sketch(degree, in[0].dense.row(i), kept.sketch.data());
      convolve(kept.sketch, to, kept.product);
      std::copy(kept.product.begin(), kept.product.end(), to);
    }
  }
  return {};
}

}  // namespace plan
