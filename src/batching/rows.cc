#include "batching/rows.h"

#include <algorithm>

#include <fmt/format.h>

#include "data/datatype.h"

namespace batching {
namespace {

bool has_open_rows(const engine::TensorSpec& spec) {
  return !spec.any_rank && !spec.shape.empty() && spec.shape.front() == engine::kAnyExtent;
}

bool is_text(const engine::TensorSpec& spec) { return spec.type == data::Datatype::Bytes; }

std::size_t row_bytes(const engine::Tensor& tensor, std::size_t rows) {
  return rows == 0 ? 0 : tensor.bytes.size() / rows;
}

void give_rows(const engine::Tensor& all, std::size_t all_rows, std::size_t first, std::size_t rows,
               engine::Tensor& result) {
  result.type = all.type;
  result.shape = all.shape;
  result.shape.front() = static_cast<std::int64_t>(rows);
  const std::size_t step = row_bytes(all, all_rows);
  result.bytes.assign(all.bytes, first * step, rows * step);
  const std::size_t texts = all_rows == 0 ? 0 : all.texts.size() / all_rows;
  const auto begin = all.texts.begin() + static_cast<std::ptrdiff_t>(first * texts);
  result.texts.assign(begin, begin + static_cast<std::ptrdiff_t>(rows * texts));
}

std::size_t rows_of(const Call& call) {
  return static_cast<std::size_t>(call.inputs.front().shape.front());
}

}  // namespace

bool joins_rows(const engine::Network& network) {
  return !network.inputs().empty() && std::ranges::all_of(network.inputs(), has_open_rows) &&
         std::ranges::none_of(network.inputs(), is_text) &&
         std::ranges::all_of(network.outputs(), has_open_rows);
}

std::optional<std::size_t> count_rows(const Call& call) {
  const std::int64_t rows = call.inputs.front().shape.front();
  const bool alike = std::ranges::all_of(
      call.inputs, [&](const engine::TensorView& each) { return each.shape.front() == rows; });
  if (!alike || rows <= 0) return std::nullopt;
  return static_cast<std::size_t>(rows);
}

bool fit_together(const Call& a, const Call& b) {
  const auto same_but_rows = [](const engine::TensorView& one, const engine::TensorView& other) {
    return std::ranges::equal(one.shape.subspan(1), other.shape.subspan(1));
  };
  return std::ranges::equal(a.wanted, b.wanted) &&
         std::ranges::equal(a.inputs, b.inputs, same_but_rows);
}

void Joined::join(std::span<const Call* const> calls) {
  const std::size_t inputs = calls.front()->inputs.size();
  bytes_.resize(inputs);
  shapes_.resize(inputs);
  views_.resize(inputs);
  for (std::size_t i = 0; i < inputs; ++i) {
    const engine::TensorView& first = calls.front()->inputs[i];
    bytes_[i].clear();
    shapes_[i].assign(first.shape.begin(), first.shape.end());
    shapes_[i].front() = 0;
    for (const Call* call : calls) {
      bytes_[i] += call->inputs[i].bytes;
      shapes_[i].front() += call->inputs[i].shape.front();
    }
    views_[i] = {.type = first.type, .shape = shapes_[i], .bytes = bytes_[i], .texts = {}};
  }
}

base::Result<void> split(std::span<const engine::Tensor> outputs,
                         std::span<const Call* const> calls) {
  std::size_t rows = 0;
  for (const Call* call : calls) rows += rows_of(*call);
  for (const engine::Tensor& output : outputs) {
    if (!output.shape.empty() && output.shape.front() == static_cast<std::int64_t>(rows)) continue;
    return base::Error(base::Code::Corrupt,
                       fmt::format("expected an output of {} rows, got {}", rows,
                                   engine::tensor_form(output.type, output.shape)));
  }
  std::size_t first = 0;
  for (const Call* call : calls) {
    call->results->resize(outputs.size());
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      give_rows(outputs[i], rows, first, rows_of(*call), (*call->results)[i]);
    }
    first += rows_of(*call);
  }
  return {};
}

}  // namespace batching
