#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "engine/tensor.h"
#include "model/agreement.h"
#include "model/parity.h"

namespace model {

// What a version is, as far as it can be said without loading it: `version.json`, which lies in
// the version beside its files. It holds nothing of who registered it, when, or under which name,
// so that the same model has the same digest everywhere.
struct Description {
  struct File {
    std::string name;
    base::Digest digest;  // Of its bytes, or of the layer that holds a large file alone.
    bool own_layer = false;
    std::uint64_t size = 0;
    bool operator==(const File&) const = default;
  };
  // A column of what a client sends.
  struct Input {
    std::string name;
    std::string type;  // "number" or "text".
    bool used = true;
    std::vector<std::string> categories;  // That it was fitted with, where the model knows some.
    bool optional = false;                // Rows may omit it.
    bool operator==(const Input&) const = default;
  };
  // What a method answers with, for each row.
  struct Output {
    std::string method;
    std::uint64_t columns = 0;
    std::vector<std::string> classes;  // Of a classifier.
    bool operator==(const Output&) const = default;
  };

  // The ends of a network, as they are; what their places stand for is not kept.
  struct Network {
    std::vector<engine::TensorSpec> inputs;
    std::vector<engine::TensorSpec> outputs;
    bool operator==(const Network&) const = default;
  };

  std::string title;                    // "sklearn.pipeline.Pipeline"
  std::string engine;                   // "native" or "onnx".
  std::string recipe;                   // "columns", "match", "image" or "tensors".
  std::vector<std::string> written_by;  // "scikit-learn 1.9.1"
  std::vector<File> files;              // Sorted by name.
  // Of a request and its answer; none where those are the network's tensors.
  std::vector<Input> inputs;
  std::vector<Output> outputs;
  std::optional<Network> network;
  std::uint64_t candidates = 0;  // Of a match.
  std::string golden_source;
  std::uint64_t golden_rows = 0;
  std::optional<Parity> parity;  // Where there were answers to compare with.
  // Of a network whose recipe asks for another provider than the runtime's own kernels.
  std::optional<Agreement> agreement;

  // Keys sorted, no space.
  std::string json() const;
  static base::Result<Description> parse(std::string_view text);
};

// The report alone, as it stands in a description.
std::string to_json(const Parity& parity);

}  // namespace model
