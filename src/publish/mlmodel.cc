// An MLmodel file:
//   flavors:
//     sklearn: {pickled_model: model.pkl, serialization_format: cloudpickle, sklearn_version: ...}
//     python_function: {python_version: 3.11.7, ...}
//   signature: {inputs: '[{"type": "double", "name": "age", "required": true}]', ...}
//   saved_input_example_info: {artifact_path: input_example.json, ...}

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "config/yaml.h"
#include "publish/source.h"

namespace publish {
namespace {

using base::Code;
using base::Error;
using config::YamlMap;

// A text where there is one, and nothing where there is none or something else.
std::string text_of(const YamlMap& map, std::string_view key) {
  if (!map.has(key)) return "";
  auto text = map.get_string(key);
  return text.ok() ? *std::move(text) : "";
}

// MLflow writes null for what there is none of.
bool has_value(const YamlMap& map, std::string_view key) {
  const config::YamlNode* node = map.find(key);
  return node != nullptr && node->kind != config::YamlNode::Kind::Null;
}

base::Result<void> check_beneath(const YamlMap& map, std::string_view key,
                                 const std::string& name) {
  const bool good = !name.empty() && !name.starts_with('/') && name.find("..") == std::string::npos;
  if (good) return {};
  return map.error_at(key, fmt::format("{}: expected a file beneath the folder, got {}",
                                       base::quote(key), base::quote(name)));
}

base::Result<void> read_flavor(const YamlMap& flavors, Mlmodel& mlmodel) {
  struct Flavor {
    std::string_view name;
    std::string_view key;
  };
  // The native model before the wrapper that only calls it.
  constexpr Flavor kFlavors[] = {{"lightgbm", "data"}, {"sklearn", "pickled_model"}};
  for (const Flavor& flavor : kFlavors) {
    if (!flavors.has(flavor.name)) continue;
    TRY_ASSIGN(const YamlMap map, flavors.get_map(flavor.name));
    if (const std::string format = text_of(map, "serialization_format"); format == "skops") {
      return Error(Code::Unsupported,
                   fmt::format("flavors: {}: expected a model kept as pickle or cloudpickle, got "
                               "skops; log it with serialization_format=\"cloudpickle\"",
                               flavor.name));
    }
    TRY_ASSIGN(mlmodel.model, map.get_string(flavor.key));
    TRY(check_beneath(map, flavor.key, mlmodel.model));
    mlmodel.flavor = flavor.name;
    return {};
  }
  std::vector<std::string_view> names = flavors.keys();
  std::erase(names, "python_function");
  return Error(Code::Unsupported,
               fmt::format("flavors: expected sklearn or lightgbm, got {}",
                           names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))));
}

base::Result<void> read_signature(const YamlMap& signature, Mlmodel& mlmodel) {
  const std::string inputs = text_of(signature, "inputs");
  if (inputs.empty()) return {};
  auto parsed = parse_mlflow_signature(inputs);
  if (!parsed.ok()) return signature.error_at("inputs", "\"inputs\": " + parsed.error().message());
  mlmodel.signature = *std::move(parsed);
  return {};
}

}  // namespace

base::Result<Mlmodel> parse_mlmodel(std::string_view file, std::string_view text) {
  TRY_ASSIGN(const YamlMap map, YamlMap::parse(file, text));
  TRY_ASSIGN(const YamlMap flavors, map.get_map("flavors"));
  Mlmodel mlmodel;
  if (auto read = read_flavor(flavors, mlmodel); !read.ok()) {
    return std::move(read).error().within(base::quote(file));
  }
  if (has_value(flavors, "python_function")) {
    TRY_ASSIGN(const YamlMap function, flavors.get_map("python_function"));
    mlmodel.python = text_of(function, "python_version");
  }
  if (has_value(map, "signature")) {
    TRY_ASSIGN(const YamlMap signature, map.get_map("signature"));
    TRY(read_signature(signature, mlmodel));
  }
  if (has_value(map, "saved_input_example_info")) {
    TRY_ASSIGN(const YamlMap example, map.get_map("saved_input_example_info"));
    mlmodel.example = text_of(example, "artifact_path");
    if (!mlmodel.example.empty()) TRY(check_beneath(example, "artifact_path", mlmodel.example));
  }
  return mlmodel;
}

}  // namespace publish
