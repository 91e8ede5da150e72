#include <chrono>
#include <future>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/python.h"
#include "publish/quantize.h"

namespace cli {
namespace {

using base::Result;
using nlohmann::ordered_json;

constexpr std::size_t kInputsDefault = 128;
constexpr std::size_t kInputsMost = 10'000;
// A network of 60 million weights takes a minute.
constexpr std::chrono::minutes kQuantizeTime{60};
constexpr std::chrono::milliseconds kProgressPeriod{250};

struct QuantizeOptions {
  publish::Quantization quantization{
      .model = {}, .recipe = {}, .calibrate = {}, .output = {}, .inputs_max = kInputsDefault};
  std::string python = "python3";
};

// model.onnx -> model.int8.onnx; of a folder, in it.
std::string output_of(std::string model) {
  while (model.size() > 1 && model.back() == '/') model.pop_back();
  if (!model.ends_with(".onnx")) return model + "/model.int8.onnx";
  return model.substr(0, model.rfind('.')) + ".int8.onnx";
}

std::string percent(std::uint64_t count, std::size_t all) {
  return fmt::format("{:.1f} %", 100.0 * static_cast<double>(count) / static_cast<double>(all));
}

std::string to_text(const publish::Quantized& quantized, const std::string& output) {
  std::string text = fmt::format("{}\n  {} instead of {}, by {}\n", output,
                                 base::human_bytes(quantized.bytes_after),
                                 base::human_bytes(quantized.bytes_before), quantized.made_by);
  text += fmt::format("  calibrated with {}, compared on {} {}\n", quantized.calibrated,
                      quantized.compared, quantized.held_out ? "others" : "of them");
  if (quantized.top_1 && quantized.top_5) {
    text += fmt::format("  best category the same: {}, among the best five: {}\n",
                        percent(*quantized.top_1, quantized.compared),
                        percent(*quantized.top_5, quantized.compared));
  }
  for (const auto& each : quantized.outputs) {
    text += fmt::format(
        "  output {}: at most {:.3g} apart, {:.3g} on average, of values up to {:.3g}\n",
        base::quote(each.name), each.abs_max, each.abs_mean, each.largest);
  }
  return text;
}

std::string to_json(const publish::Quantized& quantized, const std::string& output) {
  ordered_json body = {{"output", output},
                       {"bytes", quantized.bytes_after},
                       {"bytes_before", quantized.bytes_before},
                       {"made_by", quantized.made_by},
                       {"calibrated", quantized.calibrated},
                       {"compared", quantized.compared},
                       {"held_out", quantized.held_out},
                       {"passed_over", quantized.passed_over}};
  if (quantized.top_1 && quantized.top_5) {
    body["top_1"] = *quantized.top_1;
    body["top_5"] = *quantized.top_5;
  }
  body["outputs"] = ordered_json::array();
  for (const auto& each : quantized.outputs) {
    body["outputs"].push_back({{"name", each.name},
                               {"values", each.values},
                               {"abs_max", each.abs_max},
                               {"abs_mean", each.abs_mean},
                               {"rel_max", each.rel_max()},
                               {"largest", each.largest}});
  }
  return body.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

// In a thread of its own, so that whoever waits sees that it goes on.
Result<publish::Quantized> quantize_with_progress(const publish::Quantization& quantization,
                                                  const publish::PythonOptions& python,
                                                  World& world) {
  Progress progress(world);
  auto running =
      std::async(std::launch::async, [&] { return publish::quantize(quantization, python); });
  while (running.wait_for(kProgressPeriod) != std::future_status::ready) {
    progress.waiting("quantising");
  }
  return running.get();
}

Result<void> quantize(QuantizeOptions options, World& world, bool json) {
  publish::Quantization& quantization = options.quantization;
  if (quantization.output.empty()) quantization.output = output_of(quantization.model);
  TRY_ASSIGN(
      const publish::Quantized quantized,
      quantize_with_progress(quantization, python_of(options.python, world, kQuantizeTime), world));
  for (const std::string& each : quantized.passed_over) {
    TRY(world.err.write(fmt::format("sooth: note: passed over: {}\n", base::printable(each))));
  }
  return world.out.write(json ? to_json(quantized, quantization.output)
                              : to_text(quantized, quantization.output));
}

}  // namespace

Action declare_quantize(CLI::App& app) {
  const auto options = std::make_shared<QuantizeOptions>();
  publish::Quantization& quantization = options->quantization;
  app.add_option("model", quantization.model, "ONNX file, or folder with sooth.yaml")->required();
  app.add_option("--calibrate", quantization.calibrate,
                 "Folder of pictures, where a recipe says how they are prepared; else of .npz or "
                 ".npy files of the network's inputs")
      ->required();
  app.add_option("-o,--output", quantization.output,
                 "File to make (default: model.int8.onnx of model.onnx)");
  app.add_option("--recipe", quantization.recipe, "A sooth.yaml in place of the folder's own");
  app.add_option("--inputs-max", quantization.inputs_max,
                 "Most files of the folder that are used, spread over it")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, kInputsMost));
  app.add_option("--python", options->python,
                 "Python that has numpy, onnx and onnxruntime, which quantises in a process of its "
                 "own")
      ->capture_default_str();
  app.footer("Of ten inputs and more every fifth is left out of the calibration, and compared.");
  return [options](World& world, const Common& common) {
    return quantize(*options, world, common.json);
  };
}

}  // namespace cli
