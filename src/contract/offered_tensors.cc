#include "contract/offered_tensors.h"

namespace contract {
namespace {

using data::Datatype;

OfferedTensor of_network(const engine::TensorSpec& spec) {
  return {.name = spec.name,
          .datatype = spec.type,
          .shape = spec.any_rank ? std::vector<std::int64_t>{-1} : spec.shape,
          .any_rank = spec.any_rank};
}

std::vector<std::int64_t> shape_of_rows(const Offer::Output& output) {
  switch (output.shape) {
    case Offer::Shape::Vector: return {-1};
    case Offer::Shape::Matrix: return {-1, static_cast<std::int64_t>(output.width)};
    case Offer::Shape::Ranked:
    case Offer::Shape::Tensor: break;
  }
  return {-1, -1};
}

}  // namespace

std::vector<OfferedTensor> offered_inputs(const Offer& offer) {
  std::vector<OfferedTensor> inputs;
  if (offer.is_tensors()) {
    for (const engine::TensorSpec& spec : offer.tensor_inputs()) inputs.push_back(of_network(spec));
    return inputs;
  }
  for (const data::Column& column : offer.inputs().columns) {
    const bool text = column.type == data::ColumnType::Text;
    inputs.push_back({.name = column.name,
                      .datatype = text ? Datatype::Bytes : Datatype::Fp64,
                      .shape = {-1},
                      .optional = !column.required()});
  }
  return inputs;
}

std::vector<OfferedTensor> offered_outputs(const Offer& offer) {
  std::vector<OfferedTensor> outputs;
  for (const Offer::Output& output : offer.outputs()) {
    if (output.tensor != nullptr) {
      outputs.push_back(of_network(*output.tensor));
    } else {
      outputs.push_back(
          {.name = output.name, .datatype = output.datatype, .shape = shape_of_rows(output)});
    }
  }
  return outputs;
}

}  // namespace contract
