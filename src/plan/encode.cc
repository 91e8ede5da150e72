#include "plan/encode.h"

#include <fmt/format.h>

namespace plan {

std::string Encode::describe() const {
  return fmt::format("categories of {} columns as numbers", columns_.size());
}
double Encode::row_ns() const { return 10 + 10 * static_cast<double>(columns_.size()); }

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
      to = code ? static_cast<double>(*code) : data::kMissingNumber;
    }
  }
  return {};
}

}  // namespace plan
