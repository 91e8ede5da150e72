#include "plan_trees/groups.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "plan_dense/pairwise_sum.h"

namespace plan {
namespace {

std::size_t columns_of(const std::vector<std::size_t>& widths) {
  return std::accumulate(widths.begin(), widths.end(), std::size_t{0});
}

}  // namespace

std::string LargestOfGroups::describe() const {
  return fmt::format("largest of each of {} groups", widths_.size());
}

double LargestOfGroups::row_ns() const { return 5 + static_cast<double>(columns_of(widths_)); }

bool LargestOfGroups::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const LargestOfGroups*>(&other);
  return as != nullptr && as->widths_ == widths_;
}

base::Result<void> LargestOfGroups::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), widths_.size());
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* from = in[0].dense.row(i);
    double* to = out.dense.row(i);
    for (const std::size_t width : widths_) {
      *to++ = static_cast<double>(std::max_element(from, from + width) - from);
      from += width;
    }
  }
  return {};
}

std::string SharesOfGroups::describe() const {
  return fmt::format("divide each of {} groups by its sum", widths_.size());
}

double SharesOfGroups::row_ns() const { return 5 + 2 * static_cast<double>(columns_of(widths_)); }

bool SharesOfGroups::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const SharesOfGroups*>(&other);
  return as != nullptr && as->widths_ == widths_;
}

base::Result<void> SharesOfGroups::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), columns_of(widths_));
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* from = in[0].dense.row(i);
    double* to = out.dense.row(i);
    for (const std::size_t width : widths_) {
      put_shares(from, width, to);
      from += width;
      to += width;
    }
  }
  return {};
}

void put_shares(const double* from, std::size_t width, double* to) {
  const double sum = pairwise_sum(from, width);
  for (std::size_t k = 0; k < width; ++k) to[k] = sum == 0 ? from[k] : from[k] / sum;
}

}  // namespace plan
