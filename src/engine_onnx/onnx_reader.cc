// ModelProto: 1 ir_version  2 producer_name  3 producer_version  7 graph  8 opset_import {1 domain
//   2 version}  20 training_info  25 functions
// FunctionProto: 1 name  4 input  5 output  7 node  10 domain  11 attribute_proto  13 overload
// GraphProto: 1 node  5 initializer  11 input  12 output  15 sparse_initializer
// AttributeProto: 1 name  5 t  6 g  10 tensors  11 graphs  22 sparse_tensor  23 sparse_tensors
// NodeProto: onnx_node.cc
#include "engine_onnx/onnx_reader.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"
#include "engine_onnx/onnx_node.h"
#include "engine_onnx/onnx_tensor.h"
#include "engine_onnx/onnx_type.h"

namespace engine_onnx {
namespace {

using base::Code;
using base::Error;
using base::Result;
using Wire = ProtobufReader::Wire;

constexpr std::string_view kCounted = "nodes, tensors and names";
constexpr std::size_t kOpsetsMax = 1000;
constexpr std::size_t kEndsMax = 10'000;

Error malformed_message(std::string_view what) {
  return Error(Code::Corrupt, fmt::format("malformed {}", what));
}

Error beyond(std::string_view what, std::uint64_t most) {
  return Error(Code::Exhausted, fmt::format("expected at most {} {}, got more", most, what));
}

Error not_given(std::string_view name) {
  return Error(Code::Corrupt,
               fmt::format("expected a value that something gives, got {}", base::quote(name)));
}

Error given_twice(std::string_view name) {
  return Error(Code::Corrupt, fmt::format("expected each value from one place, got {} from two",
                                          base::quote(name)));
}

// The last text of that number.
std::string_view text_in(std::string_view message, std::uint32_t number) {
  std::string_view text;
  ProtobufReader reader(message);
  while (const auto field = reader.next()) {
    if (field->number == number) text = field->bytes;
  }
  return text;
}

}  // namespace

Result<OnnxFile> OnnxReader::read(std::string_view model) {
  ProtobufReader reader(model);
  while (const auto field = reader.next()) TRY(take_model_field(*field));
  if (reader.malformed() || file_.ir_version_ < 1) {
    return Error(Code::Corrupt, "expected an ONNX model, got something else or a part of one");
  }
  if (graph_.data() == nullptr) {
    return Error(saved_model_ ? Code::Unsupported : Code::Corrupt,
                 saved_model_ ? "expected an ONNX model, got a TensorFlow SavedModel"
                              : "expected an ONNX model, got one without a graph");
  }
  if (file_.opsets_.empty()) {
    return Error(Code::Corrupt,
                 "expected an ONNX model, got one without the versions of its operators");
  }
  TRY(list_functions());
  for (std::size_t i = 0; i < functions_.size(); ++i) TRY(walk_function(i));
  TRY(walk_main_graph());
  TRY_ASSIGN(file_.nodes_, count_nodes(main_, functions_, limits_));
  settle_ends();
  return std::move(file_);
}

Result<void> OnnxReader::take_model_field(const Field& field) {
  constexpr std::array<std::uint32_t, 6> kTexts = {2, 3, 7, 8, 20, 25};
  const bool text = std::ranges::find(kTexts, field.number) != kTexts.end();
  if ((text && field.wire != Wire::Bytes) || (field.number == 1 && field.wire != Wire::Varint)) {
    return malformed_message("model");
  }
  saved_model_ = saved_model_ && field.number <= 2;
  switch (field.number) {
    case 1: file_.ir_version_ = static_cast<std::int64_t>(field.integer); break;
    case 2: file_.producer_ = base::printable(field.bytes.substr(0, 120)); break;
    case 3:
      if (!field.bytes.empty()) {
        file_.producer_ += " " + base::printable(field.bytes.substr(0, 120));
      }
      break;
    case 7:
      // The runtime would join them.
      if (graph_.data() != nullptr) return malformed_message("model: two graphs");
      graph_ = field.bytes;
      break;
    case 8: return take_opset(field.bytes);
    case 20: return Error(Code::Unsupported, "expected a model to infer with, got one to train");
    case 25:
      if (++walked_ > limits_.nodes) return beyond(kCounted, limits_.nodes);
      function_messages_.push_back(field.bytes);
      break;
    default: break;
  }
  return {};
}

Result<void> OnnxReader::take_opset(std::string_view message) {
  if (file_.opsets_.size() == kOpsetsMax) return beyond("sets of operators", kOpsetsMax);
  Opset opset;
  const bool read = read_fields(message, [&](const Field& field) {
    if (field.number == 1) opset.domain = own_domain(field.bytes);
    if (field.number == 2) opset.version = static_cast<std::int64_t>(field.integer);
    return true;
  });
  if (!read) return malformed_message("set of operators");
  file_.opsets_.push_back(std::move(opset));
  return {};
}

Result<void> OnnxReader::list_functions() {
  functions_.resize(function_messages_.size());
  for (std::size_t i = 0; i < function_messages_.size(); ++i) {
    std::string_view name;
    std::string_view domain;
    std::string_view overload;
    const bool read = read_fields(function_messages_[i], [&](const Field& field) {
      if (field.number == 1) name = field.bytes;
      if (field.number == 10) domain = field.bytes;
      if (field.number == 13) overload = field.bytes;
      return true;
    });
    const auto index = static_cast<std::uint32_t>(i);
    if (!read || !function_indices_.emplace(function_key(domain, name, overload), index).second) {
      return malformed_message("function");
    }
  }
  return {};
}

Result<void> OnnxReader::walk_function(std::size_t index) {
  body_ = &functions_[index];
  OnnxScope scope(nullptr);
  TRY(collect_function(function_messages_[index], scope));
  scope_ = &scope;
  ProtobufReader reader(function_messages_[index]);
  while (const auto field = reader.next()) {
    if (field->number != 7 && field->number != 11) continue;
    if (field->wire != Wire::Bytes) return malformed_message("function");
    TRY(field->number == 7 ? walk_node(field->bytes, 0) : walk_attribute(field->bytes, 0));
  }
  scope_ = nullptr;
  return {};
}

Result<void> OnnxReader::collect_function(std::string_view function, OnnxScope& scope) {
  ProtobufReader reader(function);
  while (const auto field = reader.next()) {
    if (field->wire != Wire::Bytes) return malformed_message("function");
    if (field->number == 4 && !scope.add(field->bytes)) return given_twice(field->bytes);
    if (field->number == 7) TRY(collect_outputs(field->bytes, scope));
  }
  ProtobufReader again(function);
  while (const auto field = again.next()) {
    if (field->number == 5 && !scope.knows(field->bytes)) return not_given(field->bytes);
  }
  return {};
}

// An output may be left out, and has no name then.
Result<void> OnnxReader::collect_outputs(std::string_view node, OnnxScope& scope) {
  ProtobufReader reader(node);
  while (const auto field = reader.next()) {
    if (field->number != 2 || field->bytes.empty()) continue;
    if (++walked_ > limits_.nodes) return beyond(kCounted, limits_.nodes);
    if (!scope.add(field->bytes)) return given_twice(field->bytes);
  }
  return {};
}

Result<void> OnnxReader::collect_graph(std::string_view graph, OnnxScope& scope) {
  ProtobufReader reader(graph);
  while (const auto field = reader.next()) {
    if (field->number == 1) TRY(collect_outputs(field->bytes, scope));
    // An input may have an initialiser of its name.
    if (field->number == 5) scope.add(text_in(field->bytes, 8));
    if (field->number == 11) scope.add(text_in(field->bytes, 1));
  }
  return {};
}

Result<void> OnnxReader::walk_main_graph() {
  body_ = &main_;
  ProtobufReader reader(graph_);
  while (const auto field = reader.next()) {
    if (field->number == 5 || field->number == 11 || field->number == 12) {
      if (field->wire != Wire::Bytes) return malformed_message("graph");
    }
    if (field->number == 5) TRY(take_initializer(field->bytes, true));
    if (field->number == 11) TRY(take_end(field->bytes, file_.inputs_));
    if (field->number == 12) TRY(take_end(field->bytes, file_.outputs_));
  }
  return walk_graph(graph_, 0);
}

Result<void> OnnxReader::walk_graph(std::string_view graph, unsigned depth) {
  if (depth > limits_.depth) return beyond("graphs within each other", limits_.depth);
  const OnnxScope* outer = scope_;
  OnnxScope scope(outer);
  TRY(collect_graph(graph, scope));
  scope_ = &scope;
  auto walked = walk_within(scope, graph, depth);
  scope_ = outer;
  return walked;
}

// Nodes; initialisers too where it is within another.
Result<void> OnnxReader::walk_within(const OnnxScope& scope, std::string_view graph,
                                     unsigned depth) {
  ProtobufReader reader(graph);
  while (const auto field = reader.next()) {
    if (field->number == 15) {
      return Error(Code::Unsupported, "expected dense initialisers, got a sparse one");
    }
    if (field->number == 12) {
      const std::string_view name = text_in(field->bytes, 1);
      if (!scope.knows(name)) return not_given(name);
    }
    if (field->number != 1 && (field->number != 5 || depth == 0)) continue;
    if (field->wire != Wire::Bytes) return malformed_message("graph");
    TRY(field->number == 1 ? walk_node(field->bytes, depth)
                           : take_initializer(field->bytes, false));
  }
  if (reader.malformed()) return malformed_message("graph");
  return {};
}

Result<void> OnnxReader::take_initializer(std::string_view message, bool main) {
  if (++walked_ > limits_.nodes) return beyond(kCounted, limits_.nodes);
  TRY_ASSIGN(OnnxTensor tensor, read_onnx_tensor(message, limits_));
  if (main) initializers_.insert(tensor.name);
  if (tensor.external) {
    // Within a subgraph the runtime would look for the file by itself.
    if (!main)
      return Error(Code::Unsupported, "expected weights of a subgraph in the model's own file");
    file_.external_.push_back(*std::move(tensor.external));
  }
  TRY(add_weights(tensor.bytes));
  file_.parameters_ += tensor.elements;
  return {};
}

Result<void> OnnxReader::add_weights(std::uint64_t bytes) {
  if (bytes > limits_.weight_bytes - file_.weight_bytes_) {
    return beyond("bytes of weights", limits_.weight_bytes);
  }
  file_.weight_bytes_ += bytes;
  return {};
}

Result<void> OnnxReader::take_end(std::string_view message, std::vector<OnnxEnd>& ends) {
  if (ends.size() == kEndsMax) return beyond("inputs or outputs", kEndsMax);
  TRY_ASSIGN(OnnxEnd end, read_onnx_end(message, limits_));
  ends.push_back(std::move(end));
  return {};
}

Result<void> OnnxReader::walk_node(std::string_view message, unsigned depth) {
  if (++walked_ > limits_.nodes) return beyond(kCounted, limits_.nodes);
  ++body_->nodes;
  OnnxNode node;
  if (!read_fields(message, [&](const Field& field) { return node.take(field); })) {
    return malformed_message("node");
  }
  auto known = check_inputs(node);
  if (!known.ok()) return std::move(known).error().within(node.text());
  const auto function = function_indices_.find(node.key());
  if (function != function_indices_.end()) {
    body_->calls.push_back(function->second);
  } else {
    TRY(node.check_operator(limits_.any_library));
  }
  file_.quantised_ = file_.quantised_ || node.is_of_quantised();
  for (const std::string_view attribute : node.attributes) {
    auto walked = walk_attribute(attribute, depth);
    if (!walked.ok()) return std::move(walked).error().within(node.text());
  }
  if (depth == 0 && body_ == &main_ && node.type == "ZipMap") return take_labels(node);
  return {};
}

// The runtime does not survive every model that names what nothing gives.
Result<void> OnnxReader::check_inputs(const OnnxNode& node) const {
  for (const std::string_view input : node.inputs) {
    if (!input.empty() && !scope_->knows(input)) return not_given(input);
  }
  return {};
}

Result<void> OnnxReader::walk_attribute(std::string_view message, unsigned depth) {
  ProtobufReader reader(message);
  bool tensor = false;
  bool graph = false;
  while (const auto field = reader.next()) {
    const std::uint32_t number = field->number;
    if (number == 22 || number == 23) {
      return Error(Code::Unsupported, "expected dense tensors, got a sparse one");
    }
    if (number != 5 && number != 6 && number != 10 && number != 11) continue;
    // The runtime would join two of what is there once.
    const bool again = (number == 5 && tensor) || (number == 6 && graph);
    if (field->wire != Wire::Bytes || again) return malformed_message("attribute");
    tensor = tensor || number == 5;
    graph = graph || number == 6;
    TRY(number == 5 || number == 10 ? take_attribute_tensor(field->bytes)
                                    : walk_graph(field->bytes, depth + 1));
  }
  if (reader.malformed()) return malformed_message("attribute");
  return {};
}

Result<void> OnnxReader::take_attribute_tensor(std::string_view message) {
  if (++walked_ > limits_.nodes) return beyond(kCounted, limits_.nodes);
  TRY_ASSIGN(const OnnxTensor tensor, read_onnx_tensor(message, limits_));
  if (tensor.external) {
    // The runtime would look for the file by itself.
    return Error(Code::Unsupported, "expected tensors of attributes in the model's own file");
  }
  return add_weights(tensor.bytes);
}

Result<void> OnnxReader::take_labels(const OnnxNode& node) {
  auto labels = node.labels();
  if (!labels) return malformed_message("list of labels");
  labels_.insert_or_assign(node.output, *std::move(labels));
  return {};
}

void OnnxReader::settle_ends() {
  std::erase_if(file_.inputs_, [this](const OnnxEnd& end) {
    return initializers_.contains(std::string_view(end.spec.name));
  });
  for (OnnxEnd& end : file_.outputs_) {
    const auto found = labels_.find(std::string_view(end.spec.name));
    if (found == labels_.end() || found->second.empty()) continue;
    end.refusal.clear();
    end.spec.type = data::Datatype::Fp32;
    end.spec.shape = {engine::kAnyExtent, static_cast<std::int64_t>(found->second.size())};
    end.spec.any_rank = false;
    end.spec.labels = found->second;
  }
}

}  // namespace engine_onnx
