#include "plan_cells/one_hot.h"

#include <fmt/format.h>

#include "base/text.h"

namespace plan {

std::string OneHot::describe() const {
  return fmt::format("one-hot {} columns into {} features", columns_.size(), width_);
}
double OneHot::row_ns() const { return 10 + 30 * static_cast<double>(columns_.size()); }

base::Result<void> OneHot::run(const Inputs& in, Buffer& out, State*) const {
  const Cells& cells = in[0].cells;
  out.sparse.clear(width_);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const Column& column = columns_[c];
      const auto code = column.categories.find(cells.columns[c], i);
      if (!code && column.unknown_refused) {
        const std::string label = column.name.empty() ? fmt::format("feature {}", c)
                                                      : "column " + base::quote(column.name);
        return base::Error(base::Code::Invalid,
                           fmt::format("row {}, {}: expected one of {} known categories, got {}",
                                       in.row_of_request(i), label, column.categories.size(),
                                       cell_text(cells.columns[c], i)));
      }
      const std::int32_t feature = code.value_or(column.unknown);
      if (feature != kNone) out.sparse.push(static_cast<std::size_t>(feature), 1.0);
    }
    out.sparse.end_row();
  }
  return {};
}

}  // namespace plan
