#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "engine_onnx/onnx_file.h"
#include "engine_onnx/onnx_functions.h"
#include "engine_onnx/onnx_node.h"
#include "engine_onnx/onnx_scope.h"
#include "engine_onnx/protobuf_reader.h"

namespace engine_onnx {

// Walks one ModelProto with all of its graphs, functions and tensors: OnnxFile::read().
class OnnxReader {
 public:
  explicit OnnxReader(const OnnxLimits& limits) : limits_(limits) {}
  base::Result<OnnxFile> read(std::string_view model);

 private:
  using Field = ProtobufReader::Field;

  base::Result<void> take_model_field(const Field& field);
  base::Result<void> take_opset(std::string_view message);
  base::Result<void> list_functions();
  base::Result<void> walk_function(std::size_t index);
  base::Result<void> walk_main_graph();
  base::Result<void> walk_graph(std::string_view graph, unsigned depth);
  base::Result<void> walk_within(const OnnxScope& scope, std::string_view graph, unsigned depth);
  base::Result<void> collect_graph(std::string_view graph, OnnxScope& scope);
  base::Result<void> collect_function(std::string_view function, OnnxScope& scope);
  base::Result<void> collect_outputs(std::string_view node, OnnxScope& scope);
  base::Result<void> take_initializer(std::string_view message, bool main);
  base::Result<void> take_end(std::string_view message, std::vector<OnnxEnd>& ends);
  base::Result<void> walk_node(std::string_view message, unsigned depth);
  base::Result<void> check_inputs(const OnnxNode& node) const;
  base::Result<void> walk_attribute(std::string_view message, unsigned depth);
  base::Result<void> take_attribute_tensor(std::string_view message);
  base::Result<void> take_labels(const OnnxNode& node);
  base::Result<void> add_weights(std::uint64_t bytes);
  void settle_ends();

  const OnnxLimits& limits_;
  OnnxFile file_;
  std::string_view graph_;
  std::vector<std::string_view> function_messages_;
  std::unordered_map<std::string, std::uint32_t> function_indices_;
  std::vector<OnnxBody> functions_;
  OnnxBody main_;
  OnnxBody* body_ = &main_;  // Of what is walked.
  const OnnxScope* scope_ = nullptr;
  std::uint64_t walked_ = 0;                                     // Nodes, tensors and names.
  std::unordered_set<std::string_view> initializers_;            // Of the main graph.
  std::map<std::string_view, std::vector<std::string>> labels_;  // By the output of a ZipMap.
  bool saved_model_ = true;  // Whether it could be one: SavedModel has the fields 1 and 2 alone.
};

}  // namespace engine_onnx
