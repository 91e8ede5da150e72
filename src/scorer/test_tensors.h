#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/loader.h"
#include "engine/named_tensor.h"
#include "engine/network.h"
#include "scorer/scorer.h"
#include "scorer/test_network.h"

// For tests: a network of tensors that needs no runtime.

namespace scorer::testing {

template <typename T>
std::string number_bytes(const std::vector<T>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(T)};
}

inline engine::TensorSpec test_spec(std::string name, data::Datatype type,
                                    std::vector<std::int64_t> shape) {
  return {.name = std::move(name), .type = type, .shape = std::move(shape), .labels = {}};
}

inline engine::Tensor test_floats(std::vector<std::int64_t> shape,
                                  const std::vector<float>& numbers) {
  return {.type = data::Datatype::Fp32,
          .shape = std::move(shape),
          .bytes = number_bytes(numbers),
          .texts = {}};
}
inline engine::Tensor test_ids(const std::vector<std::int64_t>& ids) {
  return {.type = data::Datatype::Int64,
          .shape = {static_cast<std::int64_t>(ids.size())},
          .bytes = number_bytes(ids),
          .texts = {}};
}

struct TestTensorsOptions {
  float scale = 2;
  std::int64_t rows_min = 0;  // Fewer are refused.
  std::size_t wide = 3;       // Extent of "scaled".
};

// Of inputs "a" FP32[?,3] and "ids" INT64[?], as many as rows: "scaled" FP32[?,3] is a times the
// scale (a wider one has zeros behind), "next" INT64[?] is ids + 1, "word" BYTES[?] says whether an
// id is even.
class TestTensors final : public engine::Network {
 public:
  explicit TestTensors(TestTensorsOptions options = {}) : options_(options) {}

  const std::vector<engine::TensorSpec>& inputs() const override { return inputs_; }
  const std::vector<engine::TensorSpec>& outputs() const override { return outputs_; }

  base::Result<void> run(std::span<const engine::TensorView> inputs,
                         std::span<const std::size_t> wanted,
                         std::vector<engine::Tensor>& results) const override {
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      TRY(engine::check_input(inputs_[i], inputs[i]));
    }
    const std::int64_t rows = inputs[0].shape[0];
    if (rows != inputs[1].shape[0] || rows < options_.rows_min) {
      return base::Error(base::Code::Invalid, "the network: expected other rows");
    }
    results.resize(wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) results[i] = output(wanted[i], inputs);
    return {};
  }

 private:
  engine::Tensor output(std::size_t which, std::span<const engine::TensorView> inputs) const {
    const std::int64_t rows = inputs[0].shape[0];
    std::vector<float> a(inputs[0].bytes.size() / sizeof(float));
    if (!a.empty()) std::memcpy(a.data(), inputs[0].bytes.data(), inputs[0].bytes.size());
    std::vector<std::int64_t> ids(inputs[1].bytes.size() / sizeof(std::int64_t));
    if (!ids.empty()) std::memcpy(ids.data(), inputs[1].bytes.data(), inputs[1].bytes.size());
    if (which == 0) {
      std::vector<float> scaled(a.size() / 3 * options_.wide);
      for (std::size_t i = 0; i < a.size(); ++i) {
        scaled[i / 3 * options_.wide + i % 3] = a[i] * options_.scale;
      }
      return test_floats({rows, static_cast<std::int64_t>(options_.wide)}, scaled);
    }
    if (which == 1) {
      for (std::int64_t& each : ids) ++each;
      return test_ids(ids);
    }
    engine::Tensor words{.type = data::Datatype::Bytes, .shape = {rows}, .bytes = {}, .texts = {}};
    for (const std::int64_t each : ids) words.texts.emplace_back(each % 2 == 0 ? "even" : "odd");
    return words;
  }

  TestTensorsOptions options_;
  std::vector<engine::TensorSpec> inputs_ = {
      test_spec("a", data::Datatype::Fp32, {engine::kAnyExtent, 3}),
      test_spec("ids", data::Datatype::Int64, {engine::kAnyExtent})};
  std::vector<engine::TensorSpec> outputs_ = {
      test_spec("scaled", data::Datatype::Fp32,
                {engine::kAnyExtent, static_cast<std::int64_t>(options_.wide)}),
      test_spec("next", data::Datatype::Int64, {engine::kAnyExtent}),
      test_spec("word", data::Datatype::Bytes, {engine::kAnyExtent})};
};

// Loads TestTensors in place of each file that is there.
class TestTensorsLoader final : public engine::Loader {
 public:
  explicit TestTensorsLoader(TestTensorsOptions options = {}) : options_(options) {}

  base::Result<std::unique_ptr<engine::Network>> load(
      const base::Files& files, const std::string& name,
      const engine::Settings& /*settings*/) const override {
    TRY(files.open(name, 1 << 20));
    return std::unique_ptr<engine::Network>(new TestTensors(options_));
  }
  bool recognises(base::Bytes bytes) const override { return base::as_text(bytes) == "a network"; }

 private:
  TestTensorsOptions options_;
};

// A model of tensors, "numbers".
inline base::Result<std::shared_ptr<const Scorer>> load_test_tensors(
    TestTensorsOptions options = {}) {
  const TestTensorsLoader loader(options);
  const TestFiles files(
      {{"sooth.yaml", "name: numbers\nmodel: model.onnx\n"}, {"model.onnx", "a network"}});
  return Scorer::load(files, "numbers", {.networks = &loader});
}

// One request of as many rows as ids.
inline std::vector<engine::NamedTensor> test_request(const std::vector<std::int64_t>& ids) {
  std::vector<float> a;
  for (const std::int64_t each : ids) {
    for (int i = 0; i < 3; ++i) a.push_back(static_cast<float>(each) / 2 + static_cast<float>(i));
  }
  const auto rows = static_cast<std::int64_t>(ids.size());
  return {{.name = "a", .tensor = test_floats({rows, 3}, a)},
          {.name = "ids", .tensor = test_ids(ids)}};
}

}  // namespace scorer::testing
