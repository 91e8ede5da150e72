#pragma once

#include <cstddef>
#include <string>

#include "plan/step.h"

namespace plan {

// The answer of one of several parts, row by row. Wired to a column for each part that is not zero
// where the part may answer, and then its numbers: in pairs, all of one width.
class ChooseRows final : public Step {
 public:
  // Which part counts where several may answer. A row that none may answer becomes NaN, or is
  // refused.
  struct Rules {
    std::size_t parts = 0;
    std::size_t width = 0;
    bool first = true;
    bool none_refused = false;
  };
  explicit ChooseRows(Rules rules) : rules_(rules) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;

 private:
  Rules rules_;
};

}  // namespace plan
