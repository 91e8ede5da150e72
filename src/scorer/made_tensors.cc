// Requests that are made up for a network. The numbers are a formula's, so that they are the same
// on every machine, and multiples of 1/128, which every datatype of floats holds.
#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "scorer/tensor_examples.h"

namespace scorer {
namespace {

using base::Code;
using base::Error;
using base::Result;
using data::Datatype;
using engine::TensorSpec;

constexpr std::size_t kMadeRequests = 2;
// Extents that are tried where a network leaves them open: pictures of networks that need some
// size, texts of a few words.
constexpr std::int64_t kExtents[] = {8, 1, 16, 32, 64, 128, 224, 256, 299, 512, 3};
// For inputs that do not even say how many extents they have.
constexpr std::size_t kRanks[] = {2, 1, 3, 4};
constexpr const char* kWords[] = {"example", "word", "a text of words"};

// What is put where a network leaves something open.
struct Choice {
  std::int64_t first = 1;  // Extent of the batch.
  std::int64_t extent = 1;
  std::size_t rank = 2;
  bool zeros = false;  // In place of integers, for tables of one row.
};

std::vector<Choice> choices_of(const std::vector<TensorSpec>& inputs) {
  const bool any_rank = std::ranges::any_of(inputs, &TensorSpec::any_rank);
  const bool open = any_rank || std::ranges::any_of(inputs, [](const TensorSpec& spec) {
                      return std::ranges::count(spec.shape, engine::kAnyExtent) > 0;
                    });
  std::vector<Choice> choices;
  for (const bool zeros : {false, true}) {
    if (!open) choices.push_back({.zeros = zeros});
    for (const std::size_t rank : kRanks) {
      if (!open || (!any_rank && rank != kRanks[0])) break;
      for (const std::int64_t extent : kExtents) choices.push_back({1, extent, rank, zeros});
      for (const std::int64_t extent : kExtents) choices.push_back({extent, extent, rank, zeros});
    }
  }
  return choices;
}

std::vector<std::int64_t> shape_of(const TensorSpec& spec, const Choice& choice) {
  std::vector<std::int64_t> shape =
      spec.any_rank ? std::vector<std::int64_t>(choice.rank, engine::kAnyExtent) : spec.shape;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == engine::kAnyExtent) shape[i] = i == 0 ? choice.first : choice.extent;
  }
  return shape;
}

// One of 256 numbers, without a pattern that a network could see.
unsigned mixed(std::size_t i, std::size_t request) {
  const auto seed = static_cast<std::uint32_t>(i * 3 + request);
  return (seed * 2654435761U >> 13U) & 0xffU;
}

template <typename T>
void append_value(T value, std::string& out) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

// `units` / 128 as binary16 and bfloat16, by the bits of the float.
void append_small(Datatype type, float value, std::string& out) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  if (type == Datatype::Bf16) return append_value(static_cast<std::uint16_t>(bits >> 16U), out);
  const std::uint32_t sign = bits >> 16U & 0x8000U;
  const std::uint32_t exponent = bits >> 23U & 0xffU;
  const std::uint32_t rest = exponent == 0 ? 0 : (exponent - 112) << 10U | (bits >> 13U & 0x3ffU);
  append_value(static_cast<std::uint16_t>(sign | rest), out);
}

// From -1 to 1; of every second request from 0 to 1, as pictures and probabilities are.
void append_float(Datatype type, std::size_t i, std::size_t request, std::string& out) {
  const unsigned units = mixed(i, request);
  const double value = request % 2 == 0 ? static_cast<double>(units) / 128 - 1
                                        : static_cast<double>(units >> 1U) / 128;
  if (type == Datatype::Fp64) return append_value(value, out);
  if (type == Datatype::Fp32) return append_value(static_cast<float>(value), out);
  append_small(type, static_cast<float>(value), out);
}

// Nothing where it would be larger.
std::optional<engine::Tensor> make_tensor(const TensorSpec& spec, const Choice& choice,
                                          std::size_t request, std::uint64_t bytes_max) {
  engine::Tensor tensor{
      .type = spec.type, .shape = shape_of(spec, choice), .bytes = {}, .texts = {}};
  const auto count = engine::count_elements(tensor.type, tensor.shape);
  const std::size_t size = std::max<std::size_t>(data::datatype_bytes(tensor.type), 1);
  if (!count.ok() || *count > bytes_max / size) return std::nullopt;
  for (std::size_t i = 0; i < *count; ++i) {
    switch (tensor.type) {
      case Datatype::Bytes: tensor.texts.emplace_back(kWords[(i + request) % 3]); break;
      case Datatype::Fp16:
      case Datatype::Bf16:
      case Datatype::Fp32:
      case Datatype::Fp64: append_float(tensor.type, i, request, tensor.bytes); break;
      default:
        tensor.bytes += static_cast<char>(choice.zeros ? 0U : mixed(i, request) & 1U);
        tensor.bytes.append(size - 1, '\0');
    }
  }
  return tensor;
}

std::optional<TensorRequest> make(const std::vector<TensorSpec>& inputs, const Choice& choice,
                                  std::size_t request, std::uint64_t bytes_max) {
  TensorRequest made;
  for (const TensorSpec& spec : inputs) {
    auto tensor = make_tensor(spec, choice, request, bytes_max);
    if (!tensor) return std::nullopt;
    made.push_back({.name = spec.name, .tensor = *std::move(tensor)});
  }
  if (request_bytes(made) > bytes_max) return std::nullopt;
  return made;
}

bool says_something(const TensorAnswer& answer) {
  return std::ranges::any_of(answer, [](const engine::NamedTensor& each) {
    return !each.tensor.bytes.empty() || !each.tensor.texts.empty();
  });
}

}  // namespace

Result<std::vector<TensorRequest>> generate_requests(const engine::Network& network,
                                                     std::uint64_t bytes_max) {
  std::vector<TensorRequest> requests;
  std::optional<Error> refusal;
  for (const Choice& choice : choices_of(network.inputs())) {
    for (std::size_t i = 0; i < kMadeRequests; ++i) {
      auto request = make(network.inputs(), choice, i, bytes_max);
      if (!request) break;
      const auto answer = answer_request(network, *request);
      if (!answer.ok() && !refusal) refusal = answer.error();
      if (!answer.ok() || !says_something(*answer)) break;
      requests.push_back(*std::move(request));
    }
    if (!requests.empty()) return requests;
  }
  if (!refusal) return requests;
  return Error(
      Code::Invalid,
      fmt::format("expected a network that answers numbers made up for its inputs, got {}; "
                  "give an example of a request",
                  base::quote(refusal->message())));
}

}  // namespace scorer
