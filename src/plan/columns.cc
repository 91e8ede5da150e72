#include "plan/columns.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "base/text.h"
#include "plan_dense/product.h"

namespace plan {
namespace {

// What rounds to a finite float32: half a unit in the last place above FLT_MAX does not.
constexpr double kFloat32Max = 0x1.ffffffp127 - 0x1p75;

}  // namespace

std::string feature_label(const std::vector<std::string>& names, std::size_t position) {
  return position < names.size() ? "column " + base::quote(names[position])
                                 : fmt::format("feature {}", position);
}

std::string Gather::describe() const { return fmt::format("gather {} columns", columns_.size()); }
double Gather::row_ns() const { return 5 + static_cast<double>(columns_.size()); }

bool Gather::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const Gather*>(&other);
  return as != nullptr && as->columns_ == columns_;
}

base::Result<void> Gather::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), columns_.size());
  in.read_numbers(columns_, out.dense.values.data());
  return {};
}

std::string GatherCells::describe() const {
  return fmt::format("gather {} columns as cells", columns_.size());
}
double GatherCells::row_ns() const { return 5 + static_cast<double>(columns_.size()); }

bool GatherCells::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const GatherCells*>(&other);
  return as != nullptr && as->columns_ == columns_;
}

base::Result<void> GatherCells::run(const Inputs& in, Buffer& out, State*) const {
  out.cells.rows = in.rows();
  out.cells.columns.clear();
  out.cells.numbers.resize(columns_.size());
  for (std::size_t k = 0; k < columns_.size(); ++k) {
    const std::size_t c = columns_[k];
    if (in.type(c) == data::ColumnType::Text) {
      out.cells.columns.push_back({data::ColumnType::Text, {}, in.texts(c)});
    } else {
      std::vector<double>& numbers = out.cells.numbers[k];
      numbers.resize(in.rows());
      in.read_numbers(c, numbers.data());
      out.cells.columns.push_back({data::ColumnType::Number, numbers, {}});
    }
  }
  return {};
}

std::string ToCells::describe() const { return fmt::format("{} features as cells", width_); }
double ToCells::row_ns() const { return 5 + 2 * static_cast<double>(width_); }

bool ToCells::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const ToCells*>(&other);
  return as != nullptr && as->width_ == width_;
}

base::Result<void> ToCells::run(const Inputs& in, Buffer& out, State*) const {
  Cells& cells = out.cells;
  cells.rows = in.rows();
  cells.columns.clear();
  cells.numbers.resize(width_);
  for (std::size_t c = 0; c < width_; ++c) {
    cells.numbers[c].resize(in.rows());
    for (std::size_t i = 0; i < in.rows(); ++i) cells.numbers[c][i] = in[0].dense.row(i)[c];
    cells.columns.push_back({data::ColumnType::Number, cells.numbers[c], {}});
  }
  return {};
}

std::string FromCells::describe() const { return fmt::format("{} cells as features", width_); }
double FromCells::row_ns() const { return 5 + 2 * static_cast<double>(width_); }

bool FromCells::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const FromCells*>(&other);
  return as != nullptr && as->width_ == width_;
}

base::Result<void> FromCells::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), width_);
  for (std::size_t c = 0; c < width_; ++c) {
    const std::span<const double> numbers = in[0].cells.columns[c].numbers;
    for (std::size_t i = 0; i < in.rows(); ++i) out.dense.row(i)[c] = numbers[i];
  }
  return {};
}

std::string HStackCells::describe() const {
  return fmt::format("put the cells of {} parts side by side", parts_);
}
double HStackCells::row_ns() const { return 5 * static_cast<double>(parts_); }

bool HStackCells::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const HStackCells*>(&other);
  return as != nullptr && as->parts_ == parts_;
}

base::Result<void> HStackCells::run(const Inputs& in, Buffer& out, State*) const {
  out.cells.rows = in.rows();
  out.cells.columns.clear();
  for (std::size_t p = 0; p < parts_; ++p) {
    const std::vector<Cells::Column>& columns = in[p].cells.columns;
    out.cells.columns.insert(out.cells.columns.end(), columns.begin(), columns.end());
  }
  return {};
}

Pick::Pick(Form form, std::vector<std::size_t> positions)
    : form_(form), positions_(std::move(positions)) {
  if (form_ != Form::Sparse) return;
  for (std::size_t to = 0; to < positions_.size(); ++to) targets_.emplace_back(positions_[to], to);
  std::sort(targets_.begin(), targets_.end());
}

std::string Pick::describe() const { return fmt::format("pick {} features", positions_.size()); }
double Pick::row_ns() const { return 5 + static_cast<double>(positions_.size()); }

bool Pick::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const Pick*>(&other);
  return as != nullptr && as->form_ == form_ && as->positions_ == positions_;
}

base::Result<void> Pick::run(const Inputs& in, Buffer& out, State*) const {
  const Buffer& from = in[0];
  switch (form_) {
    case Form::Dense:
      out.dense.resize(in.rows(), positions_.size());
      for (std::size_t i = 0; i < in.rows(); ++i) {
        const double* row = from.dense.row(i);
        double* to = out.dense.row(i);
        for (std::size_t c = 0; c < positions_.size(); ++c) to[c] = row[positions_[c]];
      }
      break;
    case Form::Sparse: run_sparse(from.sparse, out.sparse); break;
    case Form::Cells:
      out.cells.rows = from.cells.rows;
      out.cells.columns.clear();
      for (const std::size_t c : positions_) out.cells.columns.push_back(from.cells.columns[c]);
      break;
  }
  return {};
}

// Entries keep the order of the row they come from: features are mostly picked in order.
void Pick::run_sparse(const SparseMatrix& from, SparseMatrix& to) const {
  to.clear(positions_.size());
  for (std::size_t i = 0; i < from.rows; ++i) {
    const auto indices = from.row_indices(i);
    const auto values = from.row_values(i);
    for (std::size_t k = 0; k < indices.size(); ++k) {
      const std::pair<std::size_t, std::size_t> first{indices[k], 0};
      for (auto at = std::lower_bound(targets_.begin(), targets_.end(), first);
           at != targets_.end() && at->first == indices[k]; ++at) {
        to.push(at->second, values[k]);
      }
    }
    to.end_row();
  }
}

std::string ToDense::describe() const { return fmt::format("spread out {} features", width_); }
double ToDense::row_ns() const { return 10 + static_cast<double>(width_) / 4; }

bool ToDense::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const ToDense*>(&other);
  return as != nullptr && as->width_ == width_;
}

base::Result<void> ToDense::run(const Inputs& in, Buffer& out, State*) const {
  const SparseMatrix& from = in[0].sparse;
  out.dense.resize(in.rows(), width_);
  std::fill(out.dense.values.begin(), out.dense.values.end(), 0.0);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const auto indices = from.row_indices(i);
    const auto values = from.row_values(i);
    for (std::size_t k = 0; k < indices.size(); ++k) out.dense.row(i)[indices[k]] += values[k];
  }
  return {};
}

HStack::HStack(std::vector<Part> parts, Form form) : parts_(std::move(parts)), form_(form) {
  for (const Part& part : parts_) width_ += part.width;
}

std::string HStack::describe() const {
  return fmt::format("put {} parts side by side into {} features", parts_.size(), width_);
}
double HStack::row_ns() const {
  return form_ == Form::Dense ? 10 + static_cast<double>(width_) : 100;
}

bool HStack::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const HStack*>(&other);
  return as != nullptr && as->form_ == form_ && as->parts_ == parts_;
}

base::Result<void> HStack::run(const Inputs& in, Buffer& out, State*) const {
  if (form_ == Form::Dense) {
    stack_dense(in, out.dense);
  } else {
    stack_sparse(in, out.sparse);
  }
  return {};
}

void HStack::stack_dense(const Inputs& in, Matrix& out) const {
  out.resize(in.rows(), width_);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    double* to = out.row(i);
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      to = std::copy_n(in[p].dense.row(i), parts_[p].width, to);
    }
  }
}

void HStack::stack_sparse(const Inputs& in, SparseMatrix& out) const {
  out.clear(width_);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    std::size_t first = 0;
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      if (parts_[p].form == Form::Sparse) {
        const auto indices = in[p].sparse.row_indices(i);
        const auto values = in[p].sparse.row_values(i);
        for (std::size_t k = 0; k < indices.size(); ++k) out.push(first + indices[k], values[k]);
      } else {
        const double* row = in[p].dense.row(i);
        for (std::size_t c = 0; c < parts_[p].width; ++c) {
          if (row[c] != 0) out.push(first + c, row[c]);
        }
      }
      first += parts_[p].width;
    }
    out.end_row();
  }
}

std::string Finite::describe() const { return fmt::format("check {} features", width_); }
double Finite::row_ns() const { return 5 + static_cast<double>(width_); }

bool Finite::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const Finite*>(&other);
  return as != nullptr && as->form_ == form_ && as->width_ == width_ && as->names_ == names_ &&
         as->allowed_ == allowed_;
}

bool Finite::passes(double x) const {
  if (std::isnan(x)) return allowed_.nan;
  const double most = allowed_.float32_only ? kFloat32Max : std::numeric_limits<double>::max();
  return std::abs(x) <= most;
}

base::Error Finite::refusal(std::size_t row, std::size_t column, double x) const {
  const std::string got = std::isnan(x)   ? "a missing value"
                          : std::isinf(x) ? "infinity"
                                          : fmt::format("{}, too large for float32", x);
  return {base::Code::Invalid, fmt::format("row {}, {}: expected a finite number, got {}", row,
                                           feature_label(names_, column), got)};
}

base::Result<void> Finite::run(const Inputs& in, Buffer& out, State*) const {
  return form_ == Form::Dense ? run_dense(in, out.dense) : run_sparse(in, out.sparse);
}

base::Result<void> Finite::run_dense(const Inputs& in, Matrix& to) const {
  const Matrix& from = in[0].dense;
  to.resize(from.rows, width_);
  const double most = allowed_.float32_only ? kFloat32Max : std::numeric_limits<double>::max();
  std::copy(from.values.begin(), from.values.end(), to.values.begin());
  if (all_within(to.values.data(), to.values.size(), most, allowed_.nan)) return {};
  for (std::size_t i = 0; i < from.rows; ++i) {
    for (std::size_t c = 0; c < width_; ++c) {
      if (!passes(from.row(i)[c])) return refusal(in.row_of_request(i), c, from.row(i)[c]);
    }
  }
  return {};
}

base::Result<void> Finite::run_sparse(const Inputs& in, SparseMatrix& to) const {
  const SparseMatrix& from = in[0].sparse;
  to.rows = from.rows;
  to.columns = from.columns;
  to.starts = from.starts;
  to.indices = from.indices;
  to.values = from.values;
  for (std::size_t i = 0; i < from.rows; ++i) {
    const auto values = from.row_values(i);
    for (std::size_t k = 0; k < values.size(); ++k) {
      if (!passes(values[k]))
        return refusal(in.row_of_request(i), from.row_indices(i)[k], values[k]);
    }
  }
  return {};
}

}  // namespace plan
