#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/step.h"

namespace plan {

// A function of one number that NumPy or SciPy has under `name`.
struct Ufunc {
  std::string_view name;
  double (*of)(double);
  bool keeps_zero;  // Sparse rows stay sparse, and NumPy takes them.
  // The same of many at once, where that is known; it may differ in the last bits.
  void (*of_each)(double* values, std::size_t count) = nullptr;
};

// Nothing for a name that is not known here.
const Ufunc* find_ufunc(std::string_view name);

// The function of each number. Some of NumPy's have a limit for what they give; none fails.
class ApplyUfunc final : public Step {
 public:
  // Precondition: keeps_zero for sparse rows.
  ApplyUfunc(Form form, std::size_t width, const Ufunc& function)
      : form_(form), width_(width), function_(function) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + 8 * static_cast<double>(width_); }
  bool same_as(const Step& other) const override;

 private:
  void apply(const std::vector<double>& from, std::vector<double>& to) const;

  Form form_;
  std::size_t width_;
  const Ufunc& function_;
};

}  // namespace plan
