#pragma once

#include <cstddef>
#include <string>

#include "plan/step.h"

namespace plan {

// Ones in the columns that the input names, which lie in ascending order in each row (one for each
// tree of an embedding), and zeros elsewhere.
class OnesAt final : public Step {
 public:
  // Precondition: whatever the input names is below `columns`.
  OnesAt(Form form, std::size_t columns) : form_(form), columns_(columns) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 20 + 0.1 * static_cast<double>(columns_); }
  bool same_as(const Step& other) const override;

 private:
  Form form_;  // Of the output.
  std::size_t columns_;
};

}  // namespace plan
