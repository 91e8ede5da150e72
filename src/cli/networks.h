#pragma once

#include <memory>
#include <string>

#include "cli/world.h"
#include "engine/loader.h"
#include "engine_onnx/library.h"
#include "engine_onnx/runtime.h"
#include "threads/guarded.h"

namespace cli {

// Where the library lies that runs networks on the CPU.
base::Result<std::string> find_engine(const World& world);

// Loads networks with ONNX Runtime, whose library is opened when the first is loaded, so that
// nothing else needs it. For a GPU it is another build of it, which computes the other networks,
// too, where it is the only one.
class Networks final : public engine::Loader {
 public:
  // The world outlives it.
  explicit Networks(const World& world) : world_(world) {}

  base::Result<std::unique_ptr<engine::Network>> load(
      const base::Files& files, const std::string& name,
      const engine::Settings& settings) const override;
  bool recognises(base::Bytes bytes) const override;

 private:
  using Opened = threads::Guarded<std::shared_ptr<const engine_onnx::Runtime>>;
  base::Result<std::shared_ptr<const engine_onnx::Runtime>> runtime(
      engine_onnx::Flavour flavour) const;
  base::Result<std::shared_ptr<const engine_onnx::Runtime>> runtime_for(
      const engine::Settings& settings) const;

  const World& world_;
  mutable Opened cpu_;
  mutable Opened cuda_;
};

}  // namespace cli
