#pragma once

#include <cstring>
#include <functional>
#include <mutex>
#include <numeric>
#include <string>
#include <vector>

#include "engine/network.h"

// For tests: a network that says how many rows each of its runs had.

namespace batching {

// FP32[?,2] to FP32[?], each row's sum, and INT64[?,1], the row's place in the run.
class SumNetwork final : public engine::Network {
 public:
  using OnRun = std::function<void(std::size_t rows)>;
  explicit SumNetwork(OnRun on_run = {}) : on_run_(std::move(on_run)) {}

  const std::vector<engine::TensorSpec>& inputs() const override { return inputs_; }
  const std::vector<engine::TensorSpec>& outputs() const override { return outputs_; }
  std::vector<engine::TensorSpec>& inputs() { return inputs_; }

  base::Result<void> run(std::span<const engine::TensorView> inputs,
                         std::span<const std::size_t> wanted,
                         std::vector<engine::Tensor>& results) const override {
    TRY(engine::check_input(inputs_.front(), inputs.front()));
    const auto rows = static_cast<std::size_t>(inputs.front().shape.front());
    if (on_run_) on_run_(rows);
    std::vector<float> numbers(rows * 2);
    std::memcpy(numbers.data(), inputs.front().bytes.data(), inputs.front().bytes.size());
    for (const float each : numbers) {
      if (each < 0) return base::Error(base::Code::Invalid, "expected none below 0");
    }
    results.resize(wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) fill(wanted[i], rows, numbers, results[i]);
    return {};
  }

 private:
  void fill(std::size_t output, std::size_t rows, const std::vector<float>& numbers,
            engine::Tensor& result) const {
    result.type = outputs_[output].type;
    result.shape = {static_cast<std::int64_t>(rows)};
    if (output == 1) result.shape.push_back(1);
    result.bytes.clear();
    for (std::size_t r = 0; r < rows; ++r) {
      const float sum = numbers[r * 2] + numbers[r * 2 + 1];
      const auto place = static_cast<std::int64_t>(r);
      if (output == 0) {
        result.bytes.append(reinterpret_cast<const char*>(&sum), sizeof(sum));
      } else {
        result.bytes.append(reinterpret_cast<const char*>(&place), sizeof(place));
      }
    }
  }

  OnRun on_run_;
  std::vector<engine::TensorSpec> inputs_ = {{.name = "pairs",
                                              .type = data::Datatype::Fp32,
                                              .shape = {engine::kAnyExtent, 2},
                                              .labels = {}}};
  std::vector<engine::TensorSpec> outputs_ = {
      {.name = "sums", .type = data::Datatype::Fp32, .shape = {engine::kAnyExtent}, .labels = {}},
      {.name = "places",
       .type = data::Datatype::Int64,
       .shape = {engine::kAnyExtent, 1},
       .labels = {}}};
};

// Some rows of a SumNetwork, and what was answered to them.
class Pairs {
 public:
  explicit Pairs(std::vector<float> numbers)
      : numbers_(std::move(numbers)), shape_{static_cast<std::int64_t>(numbers_.size() / 2), 2} {}

  engine::TensorView view() const {
    return {
        .type = data::Datatype::Fp32,
        .shape = shape_,
        .bytes = {reinterpret_cast<const char*>(numbers_.data()), numbers_.size() * sizeof(float)},
        .texts = {}};
  }
  base::Result<void> ask(const engine::Network& network, std::vector<std::size_t> wanted = {0}) {
    const engine::TensorView input = view();
    return network.run(std::span(&input, 1), wanted, results);
  }
  std::vector<float> sums() const {
    std::vector<float> sums(results.front().bytes.size() / sizeof(float));
    std::memcpy(sums.data(), results.front().bytes.data(), results.front().bytes.size());
    return sums;
  }

  std::vector<engine::Tensor> results;

 private:
  std::vector<float> numbers_;
  std::vector<std::int64_t> shape_;
};

}  // namespace batching
