#pragma once

#include <array>
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
// nothing else needs it. For a GPU it is another build of it, and for OpenVINO on processors that
// the plug-in does not take; any of them computes the other networks, too, where it is alone.
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
  base::Result<std::unique_ptr<engine::Network>> load_with(engine_onnx::Flavour flavour,
                                                           const base::Files& files,
                                                           const std::string& name,
                                                           const engine::Settings& settings) const;

  const World& world_;
  mutable std::array<Opened, 3> opened_;  // By flavour.
};

}  // namespace cli
