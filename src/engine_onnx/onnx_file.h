#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/files.h"
#include "base/result.h"
#include "engine/tensor.h"

namespace engine_onnx {

// What one model may cost before anything is loaded.
struct OnnxLimits {
  // What Protocol Buffers can hold at all.
  std::uint64_t file_bytes = (std::uint64_t{1} << 31U) - 1;
  // All initialisers together, each as often as it is named, with those in other files.
  std::uint64_t weight_bytes = std::uint64_t{64} << 30U;
  std::size_t external_files = 4096;
  // Nodes, with those of subgraphs, and of functions as often as they are called.
  std::uint64_t nodes = 5'000'000;
  // Subgraphs within subgraphs, and functions that call functions.
  unsigned depth = 24;
  std::size_t dimensions = 64;  // Of one tensor.
  // Whether operators may be of libraries that are not built into the runtime: whoever loads the
  // model has such a library, or loads nothing.
  bool any_library = false;
};

// Weights that lie in another file beneath the model's folder.
struct ExternalData {
  std::string tensor;
  std::int32_t element = 0;  // ONNX's number of the type of its elements.
  std::vector<std::int64_t> shape;
  std::string location;  // Relative to the model's folder, without ".." and links.
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

struct Opset {
  std::string domain;  // "" is ONNX's own.
  std::int64_t version = 0;
  bool operator==(const Opset&) const = default;
};

// An end of the graph, or why it cannot be one of a network here.
struct OnnxEnd {
  engine::TensorSpec spec;
  std::string refusal;
};

// An ONNX model as far as it must be known before a runtime sees it. Refuses, by name: what is no
// ONNX, and says what it is instead; operators of libraries that are not built into the runtime;
// external data that leads out of the folder or out of its file; initialisers whose sizes do not
// agree with their dimensions; values that are named and given by nothing; what is beyond the
// limits. Pure, and keeps nothing of the bytes.
class OnnxFile {
 public:
  static base::Result<OnnxFile> read(base::Bytes bytes, const OnnxLimits& limits);

  std::int64_t ir_version() const { return ir_version_; }
  // "pytorch 2.15.0"; empty where the file does not say.
  const std::string& producer() const { return producer_; }
  const std::vector<Opset>& opsets() const { return opsets_; }
  // As the runtime has them: inputs without those that have an initialiser. Unsupported, with the
  // name and the reason, where one is no tensor, or of a datatype that no protocol has.
  base::Result<std::vector<engine::TensorSpec>> inputs() const;
  base::Result<std::vector<engine::TensorSpec>> outputs() const;
  // Null where there is none of that name.
  const OnnxEnd* find_input(std::string_view name) const;
  const OnnxEnd* find_output(std::string_view name) const;
  const std::vector<ExternalData>& external() const { return external_; }
  // Bytes of all initialisers together.
  std::uint64_t weight_bytes() const { return weight_bytes_; }
  // Elements of all initialisers of the graph together.
  std::uint64_t parameters() const { return parameters_; }
  std::uint64_t nodes() const { return nodes_; }
  // Whether some of its numbers are those of a quantised network.
  bool is_quantised() const { return quantised_; }

 private:
  friend class OnnxReader;
  std::int64_t ir_version_ = 0;
  std::string producer_;
  std::vector<Opset> opsets_;
  std::vector<OnnxEnd> inputs_;
  std::vector<OnnxEnd> outputs_;
  std::vector<ExternalData> external_;
  std::uint64_t weight_bytes_ = 0;
  std::uint64_t parameters_ = 0;
  std::uint64_t nodes_ = 0;
  bool quantised_ = false;
};

// A file of weights beside a model, opened.
struct ExternalFile {
  std::string location;
  base::HeldBytes held;
};

// Opens each of the files that `file` refers to, once, and checks that its tensors lie within.
// `name` is the model's: its folder is where locations start.
base::Result<std::vector<ExternalFile>> open_external(const OnnxFile& file,
                                                      const base::Files& files,
                                                      const std::string& name,
                                                      const OnnxLimits& limits);

// Whether it is one that is taken here, whatever the file is called.
bool is_network(base::Bytes bytes);

// What a file that is no ONNX is by its first bytes: "a Keras file (HDF5)"; empty where nothing is
// known of it.
std::string_view find_other_format(base::Bytes bytes);

}  // namespace engine_onnx
