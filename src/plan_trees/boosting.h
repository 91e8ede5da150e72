#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "plan/step.h"

namespace plan {

// What scikit-learn's GradientBoosting does around its trees.

// Numbers rounded to float32, as an estimator that starts the sum gets them.
class RoundToFloat32 final : public Step {
 public:
  RoundToFloat32(Form form, std::size_t width) : form_(form), width_(width) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + static_cast<double>(width_); }
  bool same_as(const Step& other) const override;

 private:
  Form form_;
  std::size_t width_;
};

// How probabilities become the raw scores that the sum starts with.
enum class RawKind : std::uint8_t {
  LogOdds,      // log(p / (1 - p)) of the second class (releases before 1.4).
  HalfLogOdds,  // Half of that (exponential loss).
  Log,          // log(p) of each class (releases before 1.4).
  Logit,        // scipy.special.logit of the second class.
  HalfLogit,    // Half of that.
  CentredLog,   // log(p / geometric mean).
};

// Of one row: `classes` probabilities, each first brought into [margin, 1 - margin]. Writes
// raw_width() numbers.
void put_raw_scores(RawKind kind, double margin, const double* from, std::size_t classes,
                    double* to);
std::size_t raw_width(RawKind kind, std::size_t classes);

class RawScores final : public Step {
 public:
  RawScores(RawKind kind, double margin, std::size_t classes)
      : kind_(kind), margin_(margin), classes_(classes) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + 10 * static_cast<double>(classes_); }
  bool same_as(const Step& other) const override;

 private:
  RawKind kind_;
  double margin_;
  std::size_t classes_;
};

// One column: 1 where it is not below zero, else 0.
class NotBelowZero final : public Step {
 public:
  std::string describe() const override { return "not below zero"; }
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5; }
  bool same_as(const Step& other) const override;
};

// The natural logarithm of each number (predict_log_proba); of zero it is minus infinity.
class LogOfEach final : public Step {
 public:
  explicit LogOfEach(std::size_t width) : width_(width) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + 8 * static_cast<double>(width_); }
  bool same_as(const Step& other) const override;

 private:
  std::size_t width_;
};

}  // namespace plan
