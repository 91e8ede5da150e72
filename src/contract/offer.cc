#include "contract/offer.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace contract {
namespace {

using data::Datatype;
using plan::Method;

Datatype datatype_of_labels(const plan::Output& output) {
  if (output.classes.empty()) return Datatype::Fp64;
  const data::Labels& labels = output.classes.front();
  if (std::holds_alternative<std::vector<std::int64_t>>(labels)) return Datatype::Int64;
  if (std::holds_alternative<std::vector<bool>>(labels)) return Datatype::Bool;
  if (std::holds_alternative<std::vector<std::string>>(labels)) return Datatype::Bytes;
  return Datatype::Fp64;
}

bool is_matrix_of_numbers(std::span<const engine::TensorSpec> inputs) {
  if (inputs.size() != 1) return false;
  const engine::TensorSpec& only = inputs.front();
  return !only.any_rank && only.type != Datatype::Bytes && only.shape.size() == 2 &&
         only.shape[1] > 0 && only.shape[1] <= Offer::kMatrixColumnsMax;
}

}  // namespace

Offer::Offer(const scorer::Scorer& scorer, Numbers numbers)
    : numbers_(numbers), image_(scorer.image() != nullptr), tensors_(scorer.tensors() != nullptr) {
  if (const scorer::MatchScorer* match = scorer.match()) {
    candidates_ = &match->candidates();
    inputs_.columns.push_back({.name = "input", .type = data::ColumnType::Text});
    offer_ranked("answer_id");
  } else if (const scorer::ImageScorer* image = scorer.image()) {
    candidates_ = &image->labels();
    inputs_.columns.push_back(
        {.name = "image", .type = data::ColumnType::Text, .categories = {}, .binary = true});
    offer_ranked("label");
    tensor_inputs_.push_back(image->prepared());
  } else if (const engine::Network* network = scorer.tensors()) {
    offer_tensors(*network);
  } else {
    offer_rows(*scorer.columns());
  }
}

// What the candidates' second column is called.
void Offer::offer_ranked(std::string_view second) {
  const auto offer = [&](std::string_view name, Datatype datatype) {
    outputs_.push_back({.name = std::string(name),
                        .datatype = datatype,
                        .shape = Shape::Ranked,
                        .width = 0,
                        .text = std::nullopt});
  };
  offer("id", candidates().integer_ids ? Datatype::Int64 : Datatype::Bytes);
  offer(second, candidates().integer_answer_ids ? Datatype::Int64 : Datatype::Bytes);
  offer("probability", Datatype::Fp64);
}

void Offer::offer_rows(const scorer::ColumnsScorer& columns) {
  inputs_ = columns.signature();
  for (const Method method : columns.methods()) {
    const plan::Output& output = columns.plan(method).output();
    outputs_.push_back({.name = std::string(plan::method_name(method)),
                        .datatype = datatype_of_labels(output),
                        .shape = is_bare_value(method, output) ? Shape::Vector : Shape::Matrix,
                        .width = output.names.size(),
                        .method = method,
                        .columns = &output,
                        .text = AnswerText(method, output, numbers_.answer_nan)});
  }
}

void Offer::offer_tensors(const engine::Network& network) {
  tensor_inputs_ = network.inputs();
  if (is_matrix_of_numbers(tensor_inputs_)) {
    for (std::int64_t i = 0; i < tensor_inputs_.front().shape[1]; ++i) {
      matrix_columns_.columns.push_back({.name = fmt::format("x{}", i), .categories = {}});
    }
  }
  for (const engine::TensorSpec& output : network.outputs()) {
    outputs_.push_back({.name = output.name,
                        .datatype = output.type,
                        .shape = Shape::Tensor,
                        .width = 0,
                        .text = std::nullopt,
                        .tensor = &output});
  }
}

bool Offer::is_matrix() const {
  return !inputs_.columns.empty() &&
         std::all_of(inputs_.columns.begin(), inputs_.columns.end(), [&](const data::Column& each) {
           return each.type == inputs_.columns.front().type;
         });
}

std::size_t Offer::unasked_outputs() const {
  const auto asked = [](const Output& each) { return each.method > Method::Transform; };
  const auto first = std::find_if(outputs_.begin(), outputs_.end(), asked);
  // Of a model that has none but those, its first.
  return std::max<std::size_t>(static_cast<std::size_t>(first - outputs_.begin()), 1);
}

base::Result<std::size_t> Offer::find_output(std::string_view name, std::string_view what) const {
  const auto at = std::find_if(outputs_.begin(), outputs_.end(),
                               [&](const Output& each) { return each.name == name; });
  if (at != outputs_.end()) return static_cast<std::size_t>(at - outputs_.begin());
  std::vector<std::string_view> names;
  for (const Output& each : outputs_) names.push_back(each.name);
  return base::Error(base::Code::Invalid, fmt::format("{}: expected {}, got {}", what,
                                                      fmt::join(names, " or "), base::quote(name)));
}

}  // namespace contract
