#include "plan_cells/look_up.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace plan {

LookUp::LookUp(std::vector<Column> columns) : columns_(std::move(columns)) {
  for (const Column& column : columns_) outputs_ += column.width;
}

std::string LookUp::describe() const {
  return fmt::format("look up {} numbers for the categories of {} columns", outputs_,
                     columns_.size());
}

base::Error LookUp::refusal(const Inputs& in, std::size_t column, std::size_t row) const {
  const std::string& name = columns_[column].name;
  const std::string label =
      name.empty() ? fmt::format("feature {}", column) : "column " + base::quote(name);
  return {base::Code::Invalid,
          fmt::format("row {}, {}: expected one of {} known categories, got {}",
                      in.row_of_request(row), label, columns_[column].categories.size(),
                      cell_text(in[0].cells.columns[column], row))};
}

base::Result<void> LookUp::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), outputs_);
  std::size_t first = 0;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    const Column& column = columns_[c];
    for (std::size_t i = 0; i < in.rows(); ++i) {
      const auto code = column.categories.find(in[0].cells.columns[c], i);
      if (!code && column.unknown.empty()) return refusal(in, c, i);
      const double* from =
          code ? column.values.data() + static_cast<std::size_t>(*code) * column.width
               : column.unknown.data();
      std::copy_n(from, column.width, out.dense.row(i) + first);
    }
    first += column.width;
  }
  return {};
}

}  // namespace plan
