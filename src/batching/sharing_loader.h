#pragma once

#include <memory>
#include <string>

#include "base/files.h"
#include "base/result.h"
#include "batching/shared_runs.h"
#include "engine/loader.h"

namespace batching {

// Loads networks with another loader, for many callers at once: their requests are computed
// together where that was asked for or pays (shared_runs.h).
class SharingLoader final : public engine::Loader {
 public:
  // The other outlives it.
  SharingLoader(const engine::Loader& alone, Machine machine)
      : alone_(alone), machine_(std::move(machine)) {}

  base::Result<std::unique_ptr<engine::Network>> load(
      const base::Files& files, const std::string& name,
      const engine::Settings& settings) const override {
    TRY_ASSIGN(auto network, alone_.load(files, name, settings));
    return share_runs(std::move(network), settings, machine_);
  }
  bool recognises(base::Bytes bytes) const override { return alone_.recognises(bytes); }

 private:
  const engine::Loader& alone_;
  const Machine machine_;
};

}  // namespace batching
