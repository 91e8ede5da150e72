// NodeProto: 1 input  2 output  3 name  4 op_type  5 attribute  7 domain  8 overload
// AttributeProto of a ZipMap: 8 ints  9 strings
#include "engine_onnx/onnx_node.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include <fmt/format.h>

#include "base/text.h"

namespace engine_onnx {
namespace {

using base::Code;
using base::Error;
using base::Result;
using Wire = ProtobufReader::Wire;

constexpr std::size_t kLabelsMax = 100'000;

// Whose operators are built into the runtime. The last are what it writes into a model that it has
// optimised.
constexpr std::array<std::string_view, 8> kDomains = {"",
                                                      "ai.onnx.ml",
                                                      "ai.onnx.training",
                                                      "ai.onnx.preview",
                                                      "ai.onnx.preview.training",
                                                      "com.microsoft",
                                                      "com.microsoft.nchwc",
                                                      "com.ms.internal.nhwc"};

// The texts of an attribute of a ZipMap, or its integers as texts.
bool add_labels(std::string_view attribute, std::vector<std::string>& labels) {
  return read_fields(attribute, [&](const ProtobufReader::Field& field) {
    if (labels.size() >= kLabelsMax) return false;
    const auto add = [&](std::uint64_t number) {
      labels.push_back(fmt::format("{}", static_cast<std::int64_t>(number)));
    };
    if (field.number == 8 && field.wire == Wire::Varint) add(field.integer);
    if (field.number == 9 && field.wire == Wire::Bytes) labels.emplace_back(field.bytes);
    if (field.number == 8 && field.wire == Wire::Bytes) {
      ProtobufReader packed(field.bytes);
      while (!packed.at_end()) {
        const auto number = packed.varint();
        if (!number || labels.size() >= kLabelsMax) return false;
        add(*number);
      }
    }
    return true;
  });
}

}  // namespace

bool OnnxNode::take(const ProtobufReader::Field& field) {
  if (field.number > 8 || field.number == 6) return true;
  if (field.wire != Wire::Bytes) return false;
  switch (field.number) {
    case 1: inputs.push_back(field.bytes); break;
    case 2:
      if (output.empty()) output = field.bytes;
      break;
    case 3: name = field.bytes; break;
    case 4: type = field.bytes; break;
    case 5: attributes.push_back(field.bytes); break;
    case 7: domain = field.bytes; break;
    default: overload = field.bytes; break;
  }
  return true;
}

std::string OnnxNode::text() const {
  return fmt::format("node {} ({})", base::quote(name), base::printable(type.substr(0, 120)));
}

std::string OnnxNode::key() const { return function_key(domain, type, overload); }

bool OnnxNode::is_of_quantised() const {
  constexpr std::string_view kTypes[] = {
      "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "QLinearConv",
      "QLinearMatMul",  "ConvInteger",      "MatMulInteger"};
  return std::ranges::find(kTypes, type) != std::end(kTypes);
}

Result<void> OnnxNode::check_operator(bool any_library) const {
  const std::string_view owner = own_domain(domain);
  if (!any_library && std::ranges::find(kDomains, owner) == kDomains.end()) {
    return Error(Code::Unsupported,
                 fmt::format("{}: expected an operator of ONNX or of ONNX Runtime, got one of the "
                             "library {}",
                             text(), base::quote(owner)));
  }
  // Names a file, or holds machine code.
  if (owner == "com.microsoft" && type == "EPContext") {
    return Error(Code::Unsupported,
                 text() + ": expected a model for any machine, got one compiled for its own");
  }
  return {};
}

std::optional<std::vector<std::string>> OnnxNode::labels() const {
  std::vector<std::string> labels;
  for (const std::string_view attribute : attributes) {
    if (!add_labels(attribute, labels)) return std::nullopt;
  }
  return labels;
}

std::string_view own_domain(std::string_view domain) {
  return domain == "ai.onnx" ? std::string_view() : domain;
}

std::string function_key(std::string_view domain, std::string_view name,
                         std::string_view overload) {
  return fmt::format("{}\n{}\n{}", own_domain(domain), name, overload);
}

}  // namespace engine_onnx
