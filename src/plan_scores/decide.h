#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "plan/step.h"

namespace plan {

// How estimators that are made of others turn scores into a decision, one row after another.

// Each column: `above` where x > threshold (or >=, where it `includes` it), `below` elsewhere, for
// NaN too.
class Threshold final : public Step {
 public:
  struct Rule {
    double threshold = 0;
    bool includes = false;
    double below = 0;
    double above = 1;
    bool operator==(const Rule&) const = default;
  };
  Threshold(std::size_t width, Rule rule) : width_(width), rule_(rule) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + static_cast<double>(width_); }
  bool same_as(const Step& other) const override;

 private:
  std::size_t width_;
  Rule rule_;
};

// Each row divided by its sum. What a sum of zero leaves: NaN, the zeros, or 1 / width.
class Shares final : public Step {
 public:
  enum class OfZero : std::uint8_t { Nan, Zero, Uniform };
  Shares(std::size_t width, OfZero of_zero) : width_(width), of_zero_(of_zero) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + 2 * static_cast<double>(width_); }
  bool same_as(const Step& other) const override;

 private:
  std::size_t width_;
  OfZero of_zero_;
};

// Linear combinations of few columns: out = in x rows, for what is neither large nor sparse, as
// [-d, d] / 2 of one column d is. One row of weights for each column that comes out; a weight of
// zero leaves its column out of the sum.
class Combine final : public Step {
 public:
  Combine(std::size_t inputs, std::vector<std::vector<double>> weights)
      : inputs_(inputs), weights_(std::move(weights)) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + 2 * static_cast<double>(weights_.size()); }
  bool same_as(const Step& other) const override;

 private:
  std::size_t inputs_;
  std::vector<std::vector<double>> weights_;
};

// The index of the largest, which of equals is for the caller to say.
class Largest final : public Step {
 public:
  Largest(std::size_t width, bool last_of_equals) : width_(width), last_(last_of_equals) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + static_cast<double>(width_); }
  bool same_as(const Step& other) const override;

 private:
  std::size_t width_;
  bool last_;
};

// OneVsOneClassifier's scores of n classes: of each pair (i, j), in order, what its classifier
// predicts (first input: 0 for i, 1 for j) and how surely (second input). Votes, and a share of
// less than one of the sum of confidences.
class PairVotes final : public Step {
 public:
  explicit PairVotes(std::size_t classes) : classes_(classes) {}
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override {
    return 5 + 2 * static_cast<double>(classes_) * static_cast<double>(classes_);
  }

 private:
  std::size_t classes_;
};

// The index of the nearest of some codes (OutputCodeClassifier), the first of equals.
class NearestCode final : public Step {
 public:
  // `codes`: row-major, `width` numbers each; at least one code.
  NearestCode(std::size_t width, std::vector<double> codes)
      : width_(width), codes_(std::move(codes)) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + static_cast<double>(codes_.size()); }

 private:
  std::size_t width_;
  std::vector<double> codes_;
};

}  // namespace plan
