#include "plan_cells/encode_rows.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "data/frame.h"

namespace plan {
namespace {

bool is_missing_cell(const Cells::Column& column, std::size_t row) {
  return column.type == data::ColumnType::Number ? std::isnan(column.numbers[row])
                                                 : data::is_missing(column.texts[row]);
}

}  // namespace

EncodeRows::EncodeRows(std::vector<Column> columns) : columns_(std::move(columns)) {
  for (const Column& column : columns_) width_ += column.width;
}

std::string EncodeRows::describe() const {
  return fmt::format("encode {} columns of categories as {} features", columns_.size(), width_);
}
double EncodeRows::row_ns() const {
  return 10 + 30 * static_cast<double>(columns_.size()) + static_cast<double>(width_);
}

base::Error EncodeRows::refusal(const Inputs& in, std::size_t column, std::size_t row) const {
  const Column& each = columns_[column];
  const std::string label =
      each.name.empty() ? fmt::format("feature {}", column) : "column " + base::quote(each.name);
  return {
      base::Code::Invalid,
      fmt::format("row {}, {}: expected one of {} known categories, got {}", in.row_of_request(row),
                  label, each.categories.size(), cell_text(in[0].cells.columns[column], row))};
}

base::Result<void> EncodeRows::run(const Inputs& in, Buffer& out, State*) const {
  const Cells& cells = in[0].cells;
  out.dense.resize(in.rows(), width_);
  std::size_t first = 0;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    const Column& column = columns_[c];
    const Cells::Column& from = cells.columns[c];
    for (std::size_t i = 0; i < in.rows(); ++i) {
      const std::int32_t row = is_missing_cell(from, i)
                                   ? column.missing
                                   : column.categories.find(from, i).value_or(column.unknown);
      if (row == kRefused) return refusal(in, c, i);
      const double* numbers = column.rows.data() + static_cast<std::size_t>(row) * column.width;
      std::copy_n(numbers, column.width, out.dense.row(i) + first);
    }
    first += column.width;
  }
  return {};
}

}  // namespace plan
