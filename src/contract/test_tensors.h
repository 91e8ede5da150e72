#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/loader.h"
#include "engine/network.h"
#include "scorer/scorer.h"
#include "scorer/test_network.h"

// For tests: a network of tensors that needs no runtime.
namespace contract::testing {

inline engine::TensorSpec test_spec(std::string name, data::Datatype type,
                                    std::vector<std::int64_t> shape, bool any_rank = false) {
  return {.name = std::move(name),
          .type = type,
          .shape = std::move(shape),
          .labels = {},
          .any_rank = any_rank};
}

// Gives each input as it came, under its name and "_out", and after them, where it is told so, the
// scalar "elements": how many the first had.
class EchoNetwork final : public engine::Network {
 public:
  EchoNetwork(std::vector<engine::TensorSpec> inputs, bool counts) : inputs_(std::move(inputs)) {
    for (const engine::TensorSpec& input : inputs_) {
      outputs_.push_back(input);
      outputs_.back().name += "_out";
    }
    if (counts) outputs_.push_back(test_spec("elements", data::Datatype::Int64, {}));
  }

  const std::vector<engine::TensorSpec>& inputs() const override { return inputs_; }
  const std::vector<engine::TensorSpec>& outputs() const override { return outputs_; }

  base::Result<void> run(std::span<const engine::TensorView> inputs,
                         std::span<const std::size_t> wanted,
                         std::vector<engine::Tensor>& results) const override {
    if (inputs.size() != inputs_.size()) {
      return base::Error(base::Code::Internal, "expected all inputs");
    }
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      TRY(engine::check_input(inputs_[i], inputs[i]));
    }
    results.resize(wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      engine::Tensor& to = results[i];
      to = {.type = outputs_.at(wanted[i]).type, .shape = {}, .bytes = {}, .texts = {}};
      if (wanted[i] == inputs.size()) {
        const auto count =
            static_cast<std::int64_t>(*engine::count_elements(inputs[0].type, inputs[0].shape));
        to.bytes.assign(reinterpret_cast<const char*>(&count), sizeof(count));
        continue;
      }
      const engine::TensorView& from = inputs[wanted[i]];
      to.shape.assign(from.shape.begin(), from.shape.end());
      to.bytes = from.bytes;
      to.texts.assign(from.texts.begin(), from.texts.end());
    }
    return {};
  }

 private:
  std::vector<engine::TensorSpec> inputs_;
  std::vector<engine::TensorSpec> outputs_;
};

class EchoLoader final : public engine::Loader {
 public:
  EchoLoader(std::vector<engine::TensorSpec> inputs, bool counts)
      : inputs_(std::move(inputs)), counts_(counts) {}
  base::Result<std::unique_ptr<engine::Network>> load(
      const base::Files& /*files*/, const std::string& /*name*/,
      const engine::Settings& /*settings*/) const override {
    return std::unique_ptr<engine::Network>(new EchoNetwork(inputs_, counts_));
  }

 private:
  std::vector<engine::TensorSpec> inputs_;
  bool counts_;
};

// A model "echo" of such a network.
inline std::shared_ptr<const scorer::Scorer> load_echo(std::vector<engine::TensorSpec> inputs,
                                                       bool counts = false) {
  const EchoLoader loader(std::move(inputs), counts);
  const std::map<std::string, std::string> texts = {
      {"sooth.yaml", "name: echo\nmodel: model.onnx\n"}, {"model.onnx", "a network"}};
  const scorer::testing::TestFiles files(texts);
  return *scorer::Scorer::load(files, "echo", {.networks = &loader});
}

// One of several inputs: "ids" INT64[?,?], "scale" FP32[?] and "words" BYTES[?].
inline std::shared_ptr<const scorer::Scorer> load_three() {
  using data::Datatype;
  return load_echo(
      {test_spec("ids", Datatype::Int64, {-1, -1}), test_spec("scale", Datatype::Fp32, {-1}),
       test_spec("words", Datatype::Bytes, {-1})},
      true);
}
// One of one input: "x" of FP32[?,2].
inline std::shared_ptr<const scorer::Scorer> load_pairs() {
  return load_echo({test_spec("x", data::Datatype::Fp32, {-1, 2})});
}

}  // namespace contract::testing
