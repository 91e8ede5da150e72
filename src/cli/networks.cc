#include "cli/networks.h"

#include "cli/runtime_dir.h"
#include "engine_onnx/library.h"

namespace cli {

base::Result<std::string> find_engine(const World& world) {
  TRY_ASSIGN(const std::string folder, find_runtime_dir("", world));
  return engine_onnx::find_library(folder);
}

base::Result<std::shared_ptr<const engine_onnx::Runtime>> Networks::runtime() const {
  auto opened = opened_.lock();
  if (*opened == nullptr) {
    TRY_ASSIGN(const std::string library, find_engine(world_));
    TRY_ASSIGN(*opened, engine_onnx::Runtime::open(library));
  }
  return *opened;
}

base::Result<std::unique_ptr<engine::Network>> Networks::load(
    const base::Files& files, const std::string& name, const engine::Settings& settings) const {
  TRY_ASSIGN(const auto runtime, this->runtime());
  return runtime->load(files, name, {.settings = settings, .limits = {}});
}

}  // namespace cli
