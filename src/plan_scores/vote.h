#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "plan/step.h"

namespace plan {

// Indices to numbers: each column has a table of what stands at each index.
class Translate final : public Step {
 public:
  explicit Translate(std::vector<std::vector<double>> tables) : tables_(std::move(tables)) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + 2 * static_cast<double>(tables_.size()); }
  bool same_as(const Step& other) const override;

 private:
  std::vector<std::vector<double>> tables_;
};

// What several classifiers predict, each one column of indices, counted for each class.
class Vote final : public Step {
 public:
  struct Voter {
    std::vector<std::uint32_t> classes;  // Which class each of its indices is.
    double hit = 1;                      // What the class that it predicts gets,
    double miss = 0;                     // and each other.
  };
  // Precondition: every class < `classes`. `divisor`: of the sums.
  Vote(std::size_t classes, std::vector<Voter> voters, double divisor)
      : classes_(classes), divisor_(divisor), voters_(std::move(voters)) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + 3 * static_cast<double>(voters_.size()); }

 private:
  std::size_t classes_;
  double divisor_;
  std::vector<Voter> voters_;
};

// SAMME.R's share of one classifier, of its probabilities p of K classes:
// (K - 1) (log p - mean(log p)), where p is at least the smallest step from 1.
class SammeShare final : public Step {
 public:
  explicit SammeShare(std::size_t classes) : classes_(classes) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + 20 * static_cast<double>(classes_); }
  bool same_as(const Step& other) const override;

 private:
  std::size_t classes_;
};

// The same for one row.
void samme_share(const double* probabilities, std::size_t classes, double* share);

}  // namespace plan
