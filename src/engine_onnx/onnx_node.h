#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine_onnx/protobuf_reader.h"

namespace engine_onnx {

// A node of a graph as it stands in the file, which outlives it.
struct OnnxNode {
  std::string_view name;
  std::string_view type;
  std::string_view domain;
  std::string_view overload;
  std::string_view output;  // The first.
  std::vector<std::string_view> inputs;
  std::vector<std::string_view> attributes;

  // False: no such field can be there.
  bool take(const ProtobufReader::Field& field);
  std::string text() const;  // For messages.

  // What it calls, as the key of a function.
  std::string key() const;
  // Whether a network has it when it was quantised, and no other has.
  bool is_of_quantised() const;
  // Unsupported where neither ONNX nor ONNX Runtime has its operator, unless a library may have it,
  // and where it is compiled for one machine.
  base::Result<void> check_operator(bool any_library) const;
  // Of a ZipMap; nothing where they are malformed, or too many.
  std::optional<std::vector<std::string>> labels() const;
};

// "ai.onnx" is another name of ONNX's own.
std::string_view own_domain(std::string_view domain);

// The key of a function.
std::string function_key(std::string_view domain, std::string_view name, std::string_view overload);

}  // namespace engine_onnx
