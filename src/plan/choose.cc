#include "plan/choose.h"

#include <algorithm>

#include <fmt/format.h>

#include "data/frame.h"

namespace plan {

std::string ChooseRows::describe() const {
  return fmt::format("choose one of {} answers of {} features", rules_.parts, rules_.width);
}
double ChooseRows::row_ns() const {
  return 5 + 3 * static_cast<double>(rules_.parts) + static_cast<double>(rules_.width);
}

base::Result<void> ChooseRows::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), rules_.width);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* chosen = nullptr;
    for (std::size_t p = 0; p < rules_.parts; ++p) {
      if (in[2 * p].dense.row(i)[0] == 0) continue;
      chosen = in[2 * p + 1].dense.row(i);
      if (rules_.first) break;
    }
    if (chosen == nullptr && rules_.none_refused) {
      return base::Error(base::Code::Invalid,
                         fmt::format("row {}: expected a row that one of {} predicates takes",
                                     in.row_of_request(i), rules_.parts));
    }
    double* to = out.dense.row(i);
    if (chosen == nullptr) {
      std::fill_n(to, rules_.width, data::kMissingNumber);
    } else {
      std::copy_n(chosen, rules_.width, to);
    }
  }
  return {};
}

}  // namespace plan
