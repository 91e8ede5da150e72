#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/network.h"

namespace batching {

// What one caller wants computed; all of it outlives the computing.
struct Call {
  std::span<const engine::TensorView> inputs;
  std::span<const std::size_t> wanted;
  std::vector<engine::Tensor>* results = nullptr;
};

// Whether a network's ends let requests be joined along their first axis at all: each of its
// inputs and outputs has one, which it leaves open, and no text is among the inputs.
bool joins_rows(const engine::Network& network);

// How many rows the call has: what all of its inputs have as their first extent. Nothing where they
// have none, or not the same. Precondition: joins_rows(), and inputs that check_input() lets pass.
std::optional<std::size_t> count_rows(const Call& call);

// Whether the two differ in nothing but their rows.
bool fit_together(const Call& a, const Call& b);

// The inputs of several calls behind each other. Its memory is kept from one use to the next.
class Joined {
 public:
  // Precondition: at least one call, each of which fits together with the first.
  void join(std::span<const Call* const> calls);
  std::span<const engine::TensorView> inputs() const { return views_; }

 private:
  std::vector<std::string> bytes_;
  std::vector<std::vector<std::int64_t>> shapes_;
  std::vector<engine::TensorView> views_;
};

// Gives each call its rows of what was computed for all. Corrupt, and nothing given, where an
// output does not have as many rows as the inputs had.
base::Result<void> split(std::span<const engine::Tensor> outputs,
                         std::span<const Call* const> calls);

}  // namespace batching
