#include "cli/networks.h"

#include <utility>

#include "cli/runtime_dir.h"
#include "engine_onnx/library.h"

namespace cli {

base::Result<std::string> find_engine(const World& world) {
  TRY_ASSIGN(const std::string folder, find_runtime_dir("", world));
  return engine_onnx::find_library(folder);
}

base::Result<std::shared_ptr<const engine_onnx::Runtime>> Networks::runtime(
    engine_onnx::Flavour flavour) const {
  auto opened = (flavour == engine_onnx::Flavour::Cuda ? cuda_ : cpu_).lock();
  if (*opened == nullptr) {
    TRY_ASSIGN(const std::string folder, find_runtime_dir("", world_));
    TRY_ASSIGN(const std::string library, engine_onnx::find_library(folder, flavour));
    TRY_ASSIGN(*opened, engine_onnx::Runtime::open(library));
  }
  return *opened;
}

base::Result<std::shared_ptr<const engine_onnx::Runtime>> Networks::runtime_for(
    const engine::Settings& settings) const {
  if (settings.provider == engine::Provider::Cuda) return runtime(engine_onnx::Flavour::Cuda);
  auto found = runtime(engine_onnx::Flavour::Cpu);
  if (found.ok() || found.error().code() != base::Code::NotFound) return found;
  auto other = runtime(engine_onnx::Flavour::Cuda);
  return other.ok() ? std::move(other) : std::move(found);
}

base::Result<std::unique_ptr<engine::Network>> Networks::load(
    const base::Files& files, const std::string& name, const engine::Settings& settings) const {
  TRY_ASSIGN(const auto runtime, runtime_for(settings));
  return runtime->load(files, name,
                       {.settings = settings,
                        .limits = {},
                        .custom_operators = variable_of(world_, "SOOTH_CUSTOM_OPERATORS")});
}

bool Networks::recognises(base::Bytes bytes) const { return engine_onnx::is_network(bytes); }

}  // namespace cli
