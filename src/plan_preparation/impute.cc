#include "plan_preparation/impute.h"

#include <fmt/format.h>

#include "plan/columns.h"

namespace plan {

std::string ImputeNumbers::describe() const {
  return fmt::format("put numbers where they are missing in {} features", fill_.size());
}
double ImputeNumbers::row_ns() const { return 5 + static_cast<double>(fill_.size()); }

base::Result<void> ImputeNumbers::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), kept_.size());
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* from = in[0].dense.row(i);
    double* to = out.dense.row(i);
    for (std::size_t k = 0; k < kept_.size(); ++k) {
      const std::size_t c = kept_[k];
      to[k] = missing_.is(from[c]) ? fill_[c] : from[c];
    }
  }
  return {};
}

std::string Indicate::describe() const {
  return fmt::format("say where {} features are missing", features_.size());
}
double Indicate::row_ns() const { return 5 + static_cast<double>(features_.size()); }

base::Result<void> Indicate::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), features_.size());
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* from = in[0].dense.row(i);
    for (const std::size_t c : whole_) {
      if (!missing_.is(from[c])) continue;
      return base::Error(base::Code::Invalid,
                         fmt::format("row {}, {}: expected a value, as all rows had when the model "
                                     "was fitted, got a missing one",
                                     in.row_of_request(i), feature_label(names_, c)));
    }
    double* to = out.dense.row(i);
    for (std::size_t k = 0; k < features_.size(); ++k) {
      to[k] = missing_.is(from[features_[k]]) ? 1 : 0;
    }
  }
  return {};
}

std::string IndicateCells::describe() const {
  return fmt::format("say where {} columns are missing", columns_.size());
}

base::Result<void> IndicateCells::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), columns_.size());
  for (std::size_t k = 0; k < columns_.size(); ++k) {
    const Cells::Column& from = in[0].cells.columns[columns_[k]];
    for (std::size_t i = 0; i < in.rows(); ++i) {
      bool missing = false;
      if (from.type == data::ColumnType::Number) {
        missing = missing_number_.is(from.numbers[i]);
      } else {
        missing = missing_text_ ? from.texts[i] == *missing_text_ : data::is_missing(from.texts[i]);
      }
      out.dense.row(i)[k] = missing ? 1 : 0;
    }
  }
  return {};
}

std::string ImputeCells::describe() const {
  return fmt::format("put values where they are missing in {} columns", fill_.size());
}
double ImputeCells::row_ns() const { return 5 + 5 * static_cast<double>(fill_.size()); }

base::Result<void> ImputeCells::run(const Inputs& in, Buffer& out, State*) const {
  Cells& cells = out.cells;
  cells.rows = in.rows();
  cells.columns.clear();
  cells.numbers.resize(fill_.size());
  cells.texts.resize(fill_.size());
  for (std::size_t c = 0; c < fill_.size(); ++c) {
    const Cells::Column& from = in[0].cells.columns[c];
    if (const double* number = std::get_if<double>(&fill_[c])) {
      std::vector<double>& to = cells.numbers[c];
      to.assign(from.numbers.begin(), from.numbers.end());
      for (double& x : to) {
        if (missing_number_.is(x)) x = *number;
      }
      cells.columns.push_back({data::ColumnType::Number, to, {}});
      continue;
    }
    std::vector<std::string_view>& to = cells.texts[c];
    to.assign(from.texts.begin(), from.texts.end());
    for (std::string_view& text : to) {
      const bool missing = missing_text_ ? text == *missing_text_ : data::is_missing(text);
      if (missing) text = std::get<std::string>(fill_[c]);
    }
    cells.columns.push_back({data::ColumnType::Text, {}, to});
  }
  return {};
}

}  // namespace plan
