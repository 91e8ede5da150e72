#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/named_tensor.h"
#include "engine/network.h"
#include "model/parity.h"

namespace scorer {

// A request to a network: each of its inputs, in its order.
using TensorRequest = std::vector<engine::NamedTensor>;
// What it answered: each of its outputs, in its order.
using TensorAnswer = std::vector<engine::NamedTensor>;

// What is kept of an output: all of its form, and of many numbers some, evenly spaced.
struct KeptTensor {
  std::string name;
  data::Datatype type = data::Datatype::Fp32;
  std::vector<std::int64_t> shape;
  double largest = 0;  // Magnitude of all of its numbers, not only of those kept.
  std::vector<double> numbers;
  std::vector<std::string> texts;  // Of BYTES.

  std::size_t kept() const { return type == data::Datatype::Bytes ? texts.size() : numbers.size(); }
  bool operator==(const KeptTensor&) const = default;
};

// Where the i-th of `kept` elements lies among all `count`.
std::size_t kept_position(std::size_t i, std::size_t kept, std::size_t count);

// What of the output is kept; at most so many elements.
KeptTensor keep(const engine::NamedTensor& output, std::size_t elements_max);

// The tensors as a request: by name in the network's order, one without a name where the network
// has one input only. Invalid where one is missing, unknown, or not what the input takes.
base::Result<TensorRequest> make_request(const engine::Network& network,
                                         std::vector<engine::NamedTensor> tensors);

base::Result<TensorAnswer> answer_request(const engine::Network& network,
                                          const TensorRequest& request);

// How many bytes a request's tensors have.
std::uint64_t request_bytes(const TensorRequest& request);

// The first `rows` of the request's batch. False, and nothing is done, where the inputs do not
// share an open first extent, or there are no more.
bool cut_batch(std::span<const engine::TensorSpec> inputs, std::size_t rows,
               TensorRequest& request);

// Requests where nobody gave any, each of at most so many bytes: numbers that are the same
// everywhere, 0 and 1 where they are integers, since those index tables, and words; extents that
// the network leaves open are tried in turn until it answers. Empty where its inputs are larger
// than that; Invalid where it takes none.
base::Result<std::vector<TensorRequest>> generate_requests(const engine::Network& network,
                                                           std::uint64_t bytes_max);

// Adds to `parity` how far an output is from the reference. An error is relative to the largest
// magnitude of the reference: what a place of a tensor means nobody says, so none has a scale of
// its own. Wide integers and booleans, which number things, are the same or not, as texts are.
// Conflict where the two are not of one form.
base::Result<void> compare(const KeptTensor& reference, const engine::NamedTensor& ours,
                           std::size_t request, model::Parity& parity);

}  // namespace scorer
