#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "plan/step.h"

namespace plan {

// A function of NumPy of one number and others that are fixed: numpy.clip with its limits,
// numpy.maximum with its first argument.
struct NumberFunction {
  using Fixed = std::array<double, 3>;

  std::string_view name;
  double (*of)(double, const Fixed&) = nullptr;
  Fixed fixed = {};

  // numpy.clip: NaN where the number or a limit is. A limit that is not there is infinite.
  static NumberFunction clip(double least, double most);
  // numpy.round: a factor of ten, the nearest even integer, and back.
  static NumberFunction round(int decimals);
  // numpy.nan_to_num: what stands for NaN, infinity and its opposite.
  static NumberFunction replace(double nan, double positive, double negative);
  // A ufunc of two numbers whose first is fixed, as functools.partial(numpy.power, 2) does. Its
  // `of` is null for a name that is not known here.
  static NumberFunction bound(std::string_view name, double first);
};

// The function of each number of dense rows.
class ApplyNumberFunction final : public Step {
 public:
  ApplyNumberFunction(std::size_t width, const NumberFunction& function)
      : width_(width), function_(function) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + 8 * static_cast<double>(width_); }
  bool same_as(const Step& other) const override;

 private:
  std::size_t width_;
  NumberFunction function_;
};

}  // namespace plan
