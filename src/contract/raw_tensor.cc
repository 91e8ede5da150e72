#include "contract/raw_tensor.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <fmt/format.h>

namespace contract {
namespace {

using base::Code;
using base::Error;

// Of a network's only input, where its shape leaves one extent open at most, or one text.
base::Result<TensorHead> network_head(std::string_view body, const engine::TensorSpec& spec) {
  TensorHead head{.name = spec.name, .datatype = spec.type};
  const auto open = static_cast<std::size_t>(
      std::count(spec.shape.begin(), spec.shape.end(), engine::kAnyExtent));
  const bool text = spec.type == data::Datatype::Bytes;
  if (spec.any_rank || (open > 1 && !text)) {
    return Error(Code::Invalid,
                 fmt::format("body: expected JSON, as {} does not say its shape, got binary data "
                             "alone",
                             engine::tensor_form(spec)));
  }
  std::uint64_t fixed = 1;
  for (const std::int64_t extent : spec.shape) {
    if (extent > 0 && __builtin_mul_overflow(fixed, static_cast<std::uint64_t>(extent), &fixed)) {
      fixed = UINT64_MAX;
    }
  }
  // Rounded up, so that bytes too many are told.
  const std::size_t step = text ? 1 : data::datatype_bytes(spec.type);
  const std::uint64_t elements = body.size() / step + (body.size() % step != 0 ? 1 : 0);
  const std::uint64_t any = text ? 1 : elements / fixed + (elements % fixed != 0 ? 1 : 0);
  for (const std::int64_t extent : spec.shape) {
    TRY(head.add_extent(extent == engine::kAnyExtent ? any : static_cast<std::uint64_t>(extent)));
  }
  return head;
}

}  // namespace

base::Result<TensorHead> head_of_raw(std::string_view body, const Offer& offer) {
  const data::Signature& signature = offer.inputs();
  const bool tensors = offer.is_tensors();
  const std::size_t inputs = tensors ? offer.tensor_inputs().size() : signature.columns.size();
  if (inputs != 1) {
    return Error(Code::Invalid, fmt::format("body: expected JSON, as the model has {} inputs, got "
                                            "binary data alone",
                                            inputs));
  }
  if (tensors) return network_head(body, offer.tensor_inputs().front());
  TensorHead head{.name = signature.columns.front().name};
  const bool text = signature.columns.front().type == data::ColumnType::Text;
  head.datatype = text ? data::Datatype::Bytes : data::Datatype::Fp64;
  TRY(head.add_extent(text ? 1 : body.size() / sizeof(double)));
  return head;
}

}  // namespace contract
