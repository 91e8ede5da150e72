#include "scorer/tensor_examples.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace scorer {
namespace {

using base::Code;
using base::Error;
using base::Result;
using data::Datatype;
using engine::NamedTensor;
using engine::TensorSpec;

std::string names_of(const std::vector<TensorSpec>& specs) {
  std::vector<std::string> names;
  names.reserve(specs.size());
  for (const TensorSpec& each : specs) names.push_back(base::quote(each.name));
  return fmt::format("{}", fmt::join(names, ", "));
}

std::size_t elements_of(const engine::Tensor& tensor) {
  return tensor.type == Datatype::Bytes ? tensor.texts.size()
                                        : tensor.bytes.size() / data::datatype_bytes(tensor.type);
}

bool numbers_things(Datatype type) {
  return type == Datatype::Bool || type == Datatype::Int32 || type == Datatype::Int64 ||
         type == Datatype::Uint32 || type == Datatype::Uint64;
}

// "[0,3]" of the element at that position.
std::string index_text(std::size_t position, const std::vector<std::int64_t>& shape) {
  std::vector<std::size_t> index(shape.size());
  for (std::size_t d = shape.size(); d-- > 0;) {
    const auto extent = static_cast<std::size_t>(std::max<std::int64_t>(shape[d], 1));
    index[d] = position % extent;
    position /= extent;
  }
  return fmt::format("[{}]", fmt::join(index, ","));
}

// How far two numbers are apart; two that are not numbers are the same.
double distance(double reference, double ours) {
  if (std::isnan(reference) || std::isnan(ours)) {
    return std::isnan(reference) && std::isnan(ours) ? 0 : std::numeric_limits<double>::infinity();
  }
  return reference == ours ? 0 : std::abs(reference - ours);
}

// Compares element by element, and remembers where it is worst.
class Comparison {
 public:
  Comparison(const KeptTensor& reference, const engine::Tensor& ours, std::size_t request,
             model::Parity& parity)
      : reference_(reference), ours_(ours), request_(request), parity_(parity) {}

  void run() {
    const std::size_t count = elements_of(ours_);
    const std::size_t kept = reference_.kept();
    const std::size_t size = data::datatype_bytes(ours_.type);
    for (std::size_t i = 0; i < kept; ++i) {
      const std::size_t at = kept_position(i, kept, count);
      ++parity_.values;
      if (ours_.type == Datatype::Bytes) {
        count_same(reference_.texts[i] == ours_.texts[at], at);
        continue;
      }
      const double got = data::read_number(ours_.type, ours_.bytes.data() + at * size);
      if (numbers_things(ours_.type)) {
        count_same(reference_.numbers[i] == got, at);
      } else {
        compare_numbers(reference_.numbers[i], got, at);
      }
    }
  }

 private:
  std::string place(std::size_t at) const {
    return fmt::format("request {}, output {} {}", request_, base::quote(reference_.name),
                       index_text(at, ours_.shape));
  }
  void count_same(bool same, std::size_t at) {
    parity_.equal += same ? 1 : 0;
    if (!same && parity_.labels_differ++ == 0 && parity_.worst.empty()) parity_.worst = place(at);
  }
  void compare_numbers(double expected, double got, std::size_t at) {
    if (std::bit_cast<std::uint64_t>(expected) == std::bit_cast<std::uint64_t>(got)) {
      ++parity_.equal;
    }
    const double error = distance(expected, got);
    if (error == 0) return;
    parity_.abs_max = std::max(parity_.abs_max, error);
    const double relative = reference_.largest > 0 ? error / reference_.largest
                                                   : std::numeric_limits<double>::infinity();
    if (relative > parity_.rel_max) {
      parity_.rel_max = relative;
      parity_.worst = place(at);
    }
  }

  const KeptTensor& reference_;
  const engine::Tensor& ours_;
  std::size_t request_;
  model::Parity& parity_;
};

}  // namespace

std::size_t kept_position(std::size_t i, std::size_t kept, std::size_t count) {
  return kept < count ? i * count / kept : i;
}

KeptTensor keep(const NamedTensor& output, std::size_t elements_max) {
  const engine::Tensor& tensor = output.tensor;
  KeptTensor kept{
      .name = output.name, .type = tensor.type, .shape = tensor.shape, .numbers = {}, .texts = {}};
  const std::size_t count = elements_of(tensor);
  const std::size_t size = data::datatype_bytes(tensor.type);
  const std::size_t kept_count = std::min(count, elements_max);
  if (tensor.type == Datatype::Bytes) {
    for (std::size_t i = 0; i < kept_count; ++i) {
      kept.texts.push_back(tensor.texts[kept_position(i, kept_count, count)]);
    }
    return kept;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const double number = std::abs(data::read_number(tensor.type, tensor.bytes.data() + i * size));
    if (std::isfinite(number)) kept.largest = std::max(kept.largest, number);
  }
  kept.numbers.reserve(kept_count);
  for (std::size_t i = 0; i < kept_count; ++i) {
    const std::size_t at = kept_position(i, kept_count, count);
    kept.numbers.push_back(data::read_number(tensor.type, tensor.bytes.data() + at * size));
  }
  return kept;
}

Result<TensorRequest> make_request(const engine::Network& network,
                                   std::vector<NamedTensor> tensors) {
  const auto& inputs = network.inputs();
  if (tensors.size() == 1 && tensors[0].name.empty() && inputs.size() == 1) {
    tensors[0].name = inputs[0].name;
  }
  TensorRequest request;
  for (const TensorSpec& spec : inputs) {
    const auto found = std::ranges::find(tensors, spec.name, &NamedTensor::name);
    if (found == tensors.end()) {
      return Error(Code::Invalid,
                   fmt::format("expected an array for input {}, got none", base::quote(spec.name)));
    }
    const engine::Viewed viewed(found->tensor);
    TRY(engine::check_input(spec, viewed.view()));
    request.push_back(std::move(*found));
    tensors.erase(found);
  }
  if (tensors.empty()) return request;
  return Error(Code::Invalid, fmt::format("expected arrays called as the inputs {}, got {}",
                                          names_of(inputs), base::quote(tensors.front().name)));
}

Result<TensorAnswer> answer_request(const engine::Network& network, const TensorRequest& request) {
  const auto& inputs = network.inputs();
  const bool bound = request.size() == inputs.size() &&
                     std::equal(request.begin(), request.end(), inputs.begin(),
                                [](const NamedTensor& tensor, const TensorSpec& spec) {
                                  return tensor.name == spec.name;
                                });
  if (!bound) {
    return Error(Code::Invalid,
                 fmt::format("expected a request of the inputs {}, got others", names_of(inputs)));
  }
  std::vector<std::unique_ptr<engine::Viewed>> viewed;
  std::vector<engine::TensorView> views;
  for (const NamedTensor& each : request) {
    viewed.push_back(std::make_unique<engine::Viewed>(each.tensor));
    views.push_back(viewed.back()->view());
  }
  std::vector<std::size_t> wanted(network.outputs().size());
  std::iota(wanted.begin(), wanted.end(), std::size_t{0});
  std::vector<engine::Tensor> results;
  TRY(network.run(views, wanted, results));
  TensorAnswer answer;
  for (std::size_t i = 0; i < results.size(); ++i) {
    answer.push_back({.name = network.outputs()[i].name, .tensor = std::move(results[i])});
  }
  return answer;
}

std::uint64_t request_bytes(const TensorRequest& request) {
  std::uint64_t bytes = 0;
  for (const NamedTensor& each : request) {
    bytes += each.tensor.bytes.size();
    for (const std::string& text : each.tensor.texts) bytes += text.size() + 1;
  }
  return bytes;
}

bool cut_batch(std::span<const TensorSpec> inputs, std::size_t rows, TensorRequest& request) {
  std::int64_t batch = -1;
  for (std::size_t i = 0; i < request.size(); ++i) {
    const auto& shape = request[i].tensor.shape;
    const bool open =
        !shape.empty() && (inputs[i].any_rank || inputs[i].shape[0] == engine::kAnyExtent);
    if (!open || (batch >= 0 && shape[0] != batch)) return false;
    batch = shape[0];
  }
  if (rows == 0 || batch <= static_cast<std::int64_t>(rows)) return false;
  for (NamedTensor& each : request) {
    engine::Tensor& tensor = each.tensor;
    const auto all = static_cast<std::size_t>(batch);
    tensor.bytes.resize(tensor.bytes.size() / all * rows);
    tensor.texts.resize(tensor.texts.size() / all * rows);
    tensor.shape[0] = static_cast<std::int64_t>(rows);
  }
  return true;
}

Result<void> compare(const KeptTensor& reference, const NamedTensor& ours, std::size_t request,
                     model::Parity& parity) {
  const bool texts = reference.type == Datatype::Bytes;
  if (reference.shape != ours.tensor.shape || texts != (ours.tensor.type == Datatype::Bytes)) {
    return Error(Code::Conflict,
                 fmt::format("request {}, output {}: expected {}, got {}", request,
                             base::quote(reference.name),
                             engine::tensor_form(reference.type, reference.shape),
                             engine::tensor_form(ours.tensor.type, ours.tensor.shape)));
  }
  Comparison(reference, ours.tensor, request, parity).run();
  parity.rows = std::max<std::uint64_t>(parity.rows, request + 1);
  return {};
}

}  // namespace scorer
