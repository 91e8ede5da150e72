#pragma once

#include <memory>
#include <string>

#include "cli/world.h"
#include "engine/loader.h"
#include "engine_onnx/runtime.h"
#include "threads/guarded.h"

namespace cli {

// Where the library lies that runs networks.
base::Result<std::string> find_engine(const World& world);

// Loads networks with ONNX Runtime, whose library is opened when the first is loaded, so that
// nothing else needs it.
class Networks final : public engine::Loader {
 public:
  // The world outlives it.
  explicit Networks(const World& world) : world_(world) {}

  base::Result<std::unique_ptr<engine::Network>> load(
      const base::Files& files, const std::string& name,
      const engine::Settings& settings) const override;

 private:
  base::Result<std::shared_ptr<const engine_onnx::Runtime>> runtime() const;

  const World& world_;
  mutable threads::Guarded<std::shared_ptr<const engine_onnx::Runtime>> opened_;
};

}  // namespace cli
