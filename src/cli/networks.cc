#include "cli/networks.h"

#include <utility>

#include "cli/runtime_dir.h"
#include "engine_onnx/library.h"

namespace cli {

using engine_onnx::Flavour;

base::Result<std::string> find_engine(const World& world) {
  TRY_ASSIGN(const std::string folder, find_runtime_dir("", world));
  return engine_onnx::find_library(folder);
}

base::Result<std::shared_ptr<const engine_onnx::Runtime>> Networks::runtime(Flavour flavour) const {
  auto opened = opened_.at(static_cast<std::size_t>(flavour)).lock();
  if (*opened == nullptr) {
    TRY_ASSIGN(const std::string folder, find_runtime_dir("", world_));
    TRY_ASSIGN(const std::string library, engine_onnx::find_library(folder, flavour));
    TRY_ASSIGN(*opened, engine_onnx::Runtime::open(library));
  }
  return *opened;
}

base::Result<std::unique_ptr<engine::Network>> Networks::load_with(
    engine_onnx::Flavour flavour, const base::Files& files, const std::string& name,
    const engine::Settings& settings) const {
  TRY_ASSIGN(const auto runtime, this->runtime(flavour));
  return runtime->load(files, name,
                       {.settings = settings,
                        .limits = {},
                        .custom_operators = variable_of(world_, "SOOTH_CUSTOM_OPERATORS")});
}

base::Result<std::unique_ptr<engine::Network>> Networks::load(
    const base::Files& files, const std::string& name, const engine::Settings& settings) const {
  if (settings.provider == engine::Provider::Cuda) {
    return load_with(Flavour::Cuda, files, name, settings);
  }
  if (settings.provider == engine::Provider::OpenVino && runtime(Flavour::OpenVino).ok()) {
    // Newer, and the one for the processors that have AMX.
    auto plugged = load_with(Flavour::Cpu, files, name, settings);
    return plugged.ok() ? std::move(plugged) : load_with(Flavour::OpenVino, files, name, settings);
  }
  for (const Flavour flavour : {Flavour::Cpu, Flavour::OpenVino, Flavour::Cuda}) {
    if (runtime(flavour).ok()) return load_with(flavour, files, name, settings);
  }
  return load_with(Flavour::Cpu, files, name, settings);
}

bool Networks::recognises(base::Bytes bytes) const { return engine_onnx::is_network(bytes); }

}  // namespace cli
