#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/settings.h"
#include "engine/tensor.h"

namespace engine {

// A loaded network, immutable. Any number of threads may run it at once; each computes in its own
// thread unless the network was loaded with more of them.
class Network {
 public:
  Network() = default;
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
  virtual ~Network() = default;

  virtual const std::vector<TensorSpec>& inputs() const = 0;
  virtual const std::vector<TensorSpec>& outputs() const = 0;
  // How many rows of the first axis are best given at once by who has several; 1: one by one.
  virtual std::size_t rows_max() const { return 1; }

  // Why its owner's word of how many requests are computed together is not kept, or not proved;
  // empty: it is, or there is none.
  virtual std::string_view batch_note() const { return {}; }

  // What computes it. Whoever runs networks through another says what that one says.
  virtual Placement placement() const { return {}; }

  // Computes the outputs whose indices are `wanted`, in that order; `results` keeps its memory
  // from one call to the next. `inputs` are all of inputs(), in order: what does not fit is
  // Invalid by check_input(). Nothing is computed where nothing is wanted.
  virtual base::Result<void> run(std::span<const TensorView> inputs,
                                 std::span<const std::size_t> wanted,
                                 std::vector<Tensor>& results) const = 0;
};

}  // namespace engine
