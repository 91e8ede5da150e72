#include "plan_trees/category_bytes.h"

#include <cmath>
#include <cstdint>

#include <fmt/format.h>

#include "data/frame.h"

namespace plan {

std::string CategoryBytes::describe() const {
  return fmt::format("categories of {} columns as bytes", features_.size());
}

bool CategoryBytes::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const CategoryBytes*>(&other);
  return as != nullptr && as->width_ == width_ && as->features_ == features_ &&
         as->negative_is_missing_ == negative_is_missing_;
}

// C's conversion to an int of 32 bits and then to a byte, as x86 has it: what no int holds is its
// least.
double CategoryBytes::byte_of(double x) const {
  if (std::isnan(x) || (x < 0 && negative_is_missing_)) return data::kMissingNumber;
  const bool fits = x > -2147483649.0 && x < 2147483648.0;
  return static_cast<double>(fits ? static_cast<std::uint8_t>(static_cast<std::int32_t>(x)) : 0);
}

base::Result<void> CategoryBytes::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), width_);
  out.dense.values = in[0].dense.values;
  for (std::size_t i = 0; i < in.rows(); ++i) {
    double* row = out.dense.row(i);
    for (const std::size_t feature : features_) row[feature] = byte_of(row[feature]);
  }
  return {};
}

}  // namespace plan
