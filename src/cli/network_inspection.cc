#include "cli/network_inspection.h"

#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace cli {
namespace {

using NetworkJson = nlohmann::ordered_json;

std::string opset_text(const engine_onnx::Opset& opset) {
  return opset.domain.empty() ? fmt::format("{}", opset.version)
                              : fmt::format("{} {}", base::printable(opset.domain), opset.version);
}

void append_network_ends(std::string_view what, const std::vector<engine::TensorSpec>& ends,
                         std::string& out) {
  out += fmt::format("\n{} {}{}\n", ends.size(), what, ends.size() == 1 ? "" : "s");
  for (const engine::TensorSpec& each : ends) {
    out += fmt::format("  {}: {}\n", base::quote(each.name), engine::tensor_form(each));
  }
}

NetworkJson ends_json(const std::vector<engine::TensorSpec>& ends) {
  NetworkJson list = NetworkJson::array();
  for (const engine::TensorSpec& each : ends) {
    NetworkJson end = {{"name", each.name}, {"datatype", data::datatype_name(each.type)}};
    end["shape"] = each.any_rank ? NetworkJson() : NetworkJson::array();
    for (const std::int64_t extent : each.shape) {
      end["shape"].push_back(extent == engine::kAnyExtent ? NetworkJson() : NetworkJson(extent));
    }
    if (!each.labels.empty()) end["labels"] = each.labels;
    list.push_back(std::move(end));
  }
  return list;
}

}  // namespace

base::Result<NetworkInspection> inspect_network(const std::string& path, base::Bytes bytes,
                                                const base::Files& files, const std::string& name) {
  // Nothing is loaded, so operators of other libraries may be told of.
  auto read = engine_onnx::OnnxFile::read(bytes, {.any_library = true});
  if (!read.ok()) return std::move(read).error().within(base::quote(path));
  const engine_onnx::OnnxFile& file = *read;
  NetworkInspection inspection{.path = path,
                               .file_bytes = bytes.size(),
                               .producer = file.producer(),
                               .ir_version = file.ir_version(),
                               .opsets = file.opsets(),
                               .nodes = file.nodes(),
                               .parameters = file.parameters(),
                               .weight_bytes = file.weight_bytes()};
  auto inputs = file.inputs();
  if (!inputs.ok()) return std::move(inputs).error().within(base::quote(path));
  inspection.inputs = *std::move(inputs);
  auto outputs = file.outputs();
  if (!outputs.ok()) return std::move(outputs).error().within(base::quote(path));
  inspection.outputs = *std::move(outputs);
  TRY_ASSIGN(const auto external, engine_onnx::open_external(file, files, name, {}));
  for (const engine_onnx::ExternalFile& each : external) {
    inspection.external.push_back({each.location, each.held.bytes.size()});
  }
  return inspection;
}

std::string to_text(const NetworkInspection& inspection) {
  std::string out = fmt::format("file      {}, {}, ONNX network\n", base::quote(inspection.path),
                                base::human_bytes(inspection.file_bytes));
  if (!inspection.producer.empty()) {
    out += fmt::format("written   {}\n", base::printable(inspection.producer));
  }
  std::vector<std::string> opsets;
  for (const auto& each : inspection.opsets) opsets.push_back(opset_text(each));
  out +=
      fmt::format("opset     {} (IR version {})\n", fmt::join(opsets, ", "), inspection.ir_version);
  out += fmt::format("size      {} nodes, {} parameters, weights of {}\n", inspection.nodes,
                     inspection.parameters, base::human_bytes(inspection.weight_bytes));
  for (const auto& each : inspection.external) {
    out += fmt::format("weights   {}, {}\n", base::quote(each.location),
                       base::human_bytes(each.bytes));
  }
  append_network_ends("input", inspection.inputs, out);
  append_network_ends("output", inspection.outputs, out);
  return out;
}

std::string to_json(const NetworkInspection& inspection) {
  NetworkJson json = {
      {"file",
       {{"path", inspection.path}, {"bytes", inspection.file_bytes}, {"container", "onnx"}}},
      {"producer", inspection.producer},
      {"ir_version", inspection.ir_version},
      {"opsets", NetworkJson::array()},
      {"nodes", inspection.nodes},
      {"parameters", inspection.parameters},
      {"weight_bytes", inspection.weight_bytes},
      {"external", NetworkJson::array()},
      {"inputs", ends_json(inspection.inputs)},
      {"outputs", ends_json(inspection.outputs)}};
  for (const auto& each : inspection.opsets) {
    json["opsets"].push_back({{"domain", each.domain}, {"version", each.version}});
  }
  for (const auto& each : inspection.external) {
    json["external"].push_back({{"location", each.location}, {"bytes", each.bytes}});
  }
  return json.dump(2, ' ', false, NetworkJson::error_handler_t::replace) + "\n";
}

}  // namespace cli
