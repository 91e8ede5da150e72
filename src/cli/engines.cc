#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/engine_install.h"
#include "cli/json_answer.h"
#include "cli/runtime_dir.h"
#include "engine_onnx/library.h"
#include "engine_onnx/wheel.h"

namespace cli {
namespace {

using base::Code;
using base::Error;
using base::Result;
using engine_onnx::WheelPlan;
using nlohmann::ordered_json;

struct EnginesOptions {
  std::string runtime_dir;
  std::string python = "python3";
  std::string engine;
  bool openvino = false;
  bool openvino_any = false;
  bool cuda = false;
};

// What there is of one engine.
struct EngineState {
  std::string name;
  std::string folder;  // Empty: within this program.
  bool installed = false;
  std::string version;  // Where its files say it.
  std::string missing;  // Why it cannot be used.
  std::string can;      // What it computes.
};

std::string installed_version(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (const auto version = engine_onnx::find_library_version(name)) return *version;
    if (const auto version = engine_onnx::find_openvino_version(name)) return *version;
  }
  return "";
}

Result<EngineState> state_of(const WheelPlan& plan, const std::string& runtime_dir) {
  EngineState state{.name = std::string(plan.name),
                    .folder = fmt::format("{}/{}", runtime_dir, plan.folder),
                    .missing = "not installed",
                    .can = std::string(plan.can)};
  if (!base::is_directory(state.folder)) return state;
  TRY_ASSIGN(const auto names, base::list_folder(state.folder));
  state.version = installed_version(names);
  if (plan.folder.find('/') == std::string_view::npos && !state.version.empty() &&
      !engine_onnx::speaks_api(state.version, engine_onnx::kApi)) {
    state.missing = state.version + " is too old";
  } else if (!names.empty()) {
    state.missing.clear();
  }
  state.installed = state.missing.empty();
  return state;
}

std::string line_of(const EngineState& state) {
  if (state.folder.empty()) return fmt::format("{:<19} built in  {}\n", state.name, state.can);
  const std::string where =
      state.installed ? base::printable(state.folder)
                      : fmt::format("{}; sooth engines install {}", state.missing, state.name);
  return fmt::format("{:<19} {:<9} {:<39}  {}\n", state.name,
                     state.version.empty() ? "-" : state.version, state.can, where);
}

ordered_json json_of(const EngineState& state) {
  ordered_json body = {{"name", state.name}, {"installed", state.installed}};
  if (!state.version.empty()) body["version"] = state.version;
  if (!state.missing.empty()) body["missing"] = state.missing;
  body["can"] = state.can;
  if (!state.folder.empty()) body["folder"] = state.folder;
  return body;
}

Result<void> list_engines(const EnginesOptions& options, World& world, bool json) {
  TRY_ASSIGN(const std::string runtime_dir, find_runtime_dir(options.runtime_dir, world));
  std::vector<EngineState> states = {
      {.name = "native", .folder = "", .installed = true, .can = "scikit-learn and boosted trees"}};
  for (const WheelPlan& plan : engine_onnx::wheel_plans()) {
    TRY_ASSIGN(auto state, state_of(plan, runtime_dir));
    states.push_back(std::move(state));
  }
  if (json) {
    ordered_json engines = ordered_json::array();
    for (const EngineState& state : states) engines.push_back(json_of(state));
    return write_json(world, {{"runtime_dir", runtime_dir}, {"engines", std::move(engines)}});
  }
  std::string text;
  for (const EngineState& state : states) text += line_of(state);
  return world.out.write(text);
}

ordered_json json_of(const InstalledEngine& installed) {
  return {{"wheel", installed.wheel},
          {"digest", installed.digest.text()},
          {"folder", installed.folder},
          {"files", installed.files},
          {"bytes", installed.bytes}};
}

Result<void> install_engines(const EnginesOptions& options, World& world, bool json) {
  if (options.engine != "onnx") {
    return Error(Code::Invalid, fmt::format("engines: expected onnx, which is all that there is to "
                                            "install, got {}",
                                            base::quote(options.engine)));
  }
  TRY_ASSIGN(const std::string runtime_dir, find_runtime_dir(options.runtime_dir, world));
  const bool alone = options.cuda || options.openvino_any;
  const bool wanted[] = {!alone || options.openvino, options.openvino, options.openvino_any,
                         options.cuda};
  ordered_json all = ordered_json::array();
  for (std::size_t i = 0; const WheelPlan& plan : engine_onnx::wheel_plans()) {
    if (!wanted[i++]) continue;
    TRY_ASSIGN(const InstalledEngine installed,
               install_engine({.plan = plan, .runtime_dir = runtime_dir, .python = options.python},
                              world));
    all.push_back(json_of(installed));
    if (json) continue;
    TRY(world.out.write(fmt::format("{}: {}\n  {}\n  {} files, {}, in {}\n", plan.name,
                                    base::printable(installed.wheel), installed.digest.text(),
                                    installed.files.size(), base::human_bytes(installed.bytes),
                                    base::printable(installed.folder))));
  }
  return json ? write_json(world, all) : Result<void>();
}

}  // namespace

Action declare_engines(CLI::App& app) {
  const auto options = std::make_shared<EnginesOptions>();
  add_runtime_dir_option(app, options->runtime_dir);
  CLI::App* install = app.add_subcommand("install", "Fetch a runtime by your own pip");
  install->add_option("engine", options->engine, "onnx: ONNX Runtime")->required();
  install->add_flag("--openvino", options->openvino,
                    "OpenVINO too, which ONNX Runtime computes with where a model asks for it");
  install->add_flag("--openvino-any", options->openvino_any,
                    "An older build of ONNX Runtime with OpenVINO inside, for processors that are "
                    "not Intel's, in a folder of its own");
  install->add_flag("--cuda", options->cuda,
                    "The build of ONNX Runtime for NVIDIA GPUs, in a folder of its own");
  install->add_option("--python", options->python, "Python whose pip fetches")
      ->capture_default_str();
  app.footer(
      "Without install, says what there is. What is fetched is checked against the wheel's own\n"
      "list of digests; nothing of it is executed before a model needs it.");
  return [options, install](World& world, const Common& common) {
    return install->parsed() ? install_engines(*options, world, common.json)
                             : list_engines(*options, world, common.json);
  };
}

}  // namespace cli
