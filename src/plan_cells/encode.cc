#include "plan_cells/encode.h"

#include <cmath>

#include <fmt/format.h>

#include "plan/columns.h"

namespace plan {
namespace {

bool is_missing(const Cells::Column& column, std::size_t row) {
  return column.type == data::ColumnType::Number ? std::isnan(column.numbers[row])
                                                 : data::is_missing(column.texts[row]);
}

}  // namespace

std::string Encode::describe() const {
  return fmt::format("categories of {} columns as numbers", columns_.size());
}
double Encode::row_ns() const { return 10 + 10 * static_cast<double>(columns_.size()); }

base::Error Encode::refusal(const Inputs& in, std::size_t row, std::size_t column) const {
  return {base::Code::Invalid,
          fmt::format("row {}, {}: expected one of {} known categories, got {}",
                      in.row_of_request(row), feature_label(names_, column),
                      columns_[column]->size(), cell_text(in[0].cells.columns[column], row))};
}

base::Result<void> Encode::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), columns_.size());
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    const Cells::Column& from = in[0].cells.columns[c];
    for (std::size_t i = 0; i < in.rows(); ++i) {
      double& to = out.dense.row(i)[c];
      if (!columns_[c]) {
        to = from.numbers[i];
        continue;
      }
      const auto code = columns_[c]->find(from, i);
      if (!code && unknown_refused_[c] && !is_missing(from, i)) return refusal(in, i, c);
      to = code ? static_cast<double>(*code) : data::kMissingNumber;
    }
  }
  return {};
}

}  // namespace plan
