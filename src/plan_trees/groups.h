#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "plan/step.h"

namespace plan {

// Columns that belong together, side by side: the classes of each output of a classifier of
// several. `widths` says how many columns each group has, none of them none.

// The index of the largest of each group, the first of equals (numpy.argmax).
class LargestOfGroups final : public Step {
 public:
  explicit LargestOfGroups(std::vector<std::size_t> widths) : widths_(std::move(widths)) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;
  bool same_as(const Step& other) const override;

 private:
  std::vector<std::size_t> widths_;
};

// Each column divided by the sum of its group; what sums to zero stays.
class SharesOfGroups final : public Step {
 public:
  explicit SharesOfGroups(std::vector<std::size_t> widths) : widths_(std::move(widths)) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;
  bool same_as(const Step& other) const override;

 private:
  std::vector<std::size_t> widths_;
};

// The same of one row and group.
void put_shares(const double* from, std::size_t width, double* to);

}  // namespace plan
