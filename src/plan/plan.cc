#include "plan/plan.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"

namespace plan {
namespace {

constexpr std::array<std::string_view, kMethods.size()> kMethodNames = {
    "predict",       "predict_proba", "decision_function", "transform", "predict_log_proba",
    "score_samples", "apply",         "kneighbors"};

// The cells of a window: half a megabyte of numbers, which a processor's own memory holds. The
// least rows are for tables so wide that a row alone is more, the most for narrow ones, of which
// steps make much of a cell, as they do of texts.
constexpr std::size_t kWindowCells = 64 << 10;
constexpr std::size_t kWindowRowsMin = 16;
constexpr std::size_t kWindowRowsMax = 4096;

std::size_t window_rows(const data::Frame& frame) {
  const std::size_t columns = std::max<std::size_t>(1, frame.columns());
  return std::clamp(kWindowCells / columns, kWindowRowsMin, kWindowRowsMax);
}

void append(const Matrix& part, Matrix& to) {
  to.rows += part.rows;
  to.columns = part.columns;
  to.values.insert(to.values.end(), part.values.begin(), part.values.end());
}

void append(const SparseMatrix& part, SparseMatrix& to) {
  const std::size_t before = to.values.size();
  to.rows += part.rows;
  to.columns = part.columns;
  for (std::size_t i = 1; i < part.starts.size(); ++i) to.starts.push_back(before + part.starts[i]);
  to.indices.insert(to.indices.end(), part.indices.begin(), part.indices.end());
  to.values.insert(to.values.end(), part.values.begin(), part.values.end());
}

}  // namespace

std::string_view method_name(Method method) {
  return kMethodNames.at(static_cast<std::size_t>(method));
}

base::Result<Method> parse_method(std::string_view name) {
  for (std::size_t i = 0; i < kMethodNames.size(); ++i) {
    if (kMethodNames.at(i) == name) return static_cast<Method>(i);
  }
  return base::Error(base::Code::Invalid, fmt::format("method {}: expected {}", base::quote(name),
                                                      fmt::join(kMethodNames, ", ")));
}

base::Result<const Buffer*> Plan::run(const data::Frame& frame, Scratch& scratch) const {
  const std::size_t step = window_rows(frame);
  if (frame.rows() <= step) {
    TRY(plan::run(instructions_, Window::all_of(frame), scratch));
    return &scratch[result_];
  }
  Buffer& joined = scratch.joined_;
  joined.dense.resize(0, 0);
  joined.sparse.clear(0);
  for (std::size_t first = 0; first < frame.rows(); first += step) {
    TRY(plan::run(instructions_, {frame, first, std::min(step, frame.rows() - first)}, scratch));
    const Buffer& part = scratch[result_];
    if (output_.form == Form::Dense) append(part.dense, joined.dense);
    if (output_.form == Form::Sparse) append(part.sparse, joined.sparse);
  }
  return &joined;
}

double Plan::row_us() const {
  double sum = 0;
  for (const Instruction& each : instructions_) sum += each.step->row_ns();
  return sum / 1000;
}

std::vector<std::string> Plan::describe() const {
  std::vector<std::string> lines;
  lines.reserve(instructions_.size());
  for (const Instruction& each : instructions_) {
    std::string from;
    for (const std::size_t slot : each.inputs) from += fmt::format(" %{}", slot);
    lines.push_back(fmt::format("%{} = {}{}{}", each.output, each.step->describe(),
                                from.empty() ? "" : " of", from));
  }
  return lines;
}

}  // namespace plan
