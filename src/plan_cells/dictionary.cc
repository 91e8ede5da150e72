#include "plan_cells/dictionary.h"

#include <fmt/format.h>

namespace plan {

std::string Dictionary::describe() const {
  return fmt::format("a dictionary of {} columns as {} features", columns_.size(), width_);
}

base::Result<void> Dictionary::run(const Inputs& in, Buffer& out, State*) const {
  const Cells& cells = in[0].cells;
  out.sparse.clear(width_);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const Column& column = columns_[c];
      if (!column.categories) {
        const double number = cells.columns[c].numbers[i];
        out.sparse.push(column.feature,
                        single_ ? static_cast<double>(static_cast<float>(number)) : number);
      } else if (const auto code = column.categories->find(cells.columns[c], i)) {
        out.sparse.push(static_cast<std::size_t>(*code), 1);
      }
    }
    out.sparse.end_row();
  }
  return {};
}

}  // namespace plan
