#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "plan/step.h"

// Arithmetic in float32, of libraries that compute so: rows pass as doubles that float32 holds.
namespace plan {

// From scores to answers, row by row, in float32.
enum class Link32Kind : std::uint8_t {
  Identity,
  Expit,     // 1 / (exp(-x) + 1) of each, of x no less than -88.7.
  Exp,       // exp(x) of each.
  Softmax,   // exp(x - max), divided by their sum in float64 as float32 has it.
  Positive,  // 1 where x > 0, else 0, of each.
  Half,      // 1 where x > 0.5, else 0, of each.
  Pair,      // One column p: [1 - p, p].
};

class Link32 final : public Step {
 public:
  Link32(Link32Kind kind, std::size_t inputs) : kind_(kind), inputs_(inputs) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;
  bool same_as(const Step& other) const override;

  // How many columns come out.
  std::size_t outputs() const { return kind_ == Link32Kind::Pair ? 2 : inputs_; }

 private:
  Link32Kind kind_;
  std::size_t inputs_;
};

// Rows times coefficients, added up one after another to the intercepts; NaN is skipped.
class Linear32 final : public Step {
 public:
  // `coefficients`: features x outputs. `intercepts`: outputs.
  Linear32(std::vector<float> coefficients, std::vector<float> intercepts)
      : coefficients_(std::move(coefficients)), intercepts_(std::move(intercepts)) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 10 + 2 * static_cast<double>(coefficients_.size()); }

 private:
  std::vector<float> coefficients_;
  std::vector<float> intercepts_;
};

// A constant added to each column.
class Shift32 final : public Step {
 public:
  explicit Shift32(std::vector<float> constants) : constants_(std::move(constants)) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + static_cast<double>(constants_.size()); }

 private:
  std::vector<float> constants_;
};

// The same rows, in which what float32 does not tell from `value` is NaN.
class MarkMissing final : public Step {
 public:
  MarkMissing(Form form, std::size_t width, double value)
      : form_(form), width_(width), value_(static_cast<float>(value)) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + static_cast<double>(width_) / 2; }

 private:
  Form form_;
  std::size_t width_;
  float value_;
};

}  // namespace plan
