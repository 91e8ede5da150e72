#include "serve/placement_note.h"

#include <string>

#include <fmt/format.h>

#include "engine/network.h"
#include "engine/settings.h"

namespace serve {

void note_placement(std::string_view endpoint, const scorer::Scorer& scorer,
                    telemetry::Metrics& metrics, telemetry::Log& log) {
  const engine::Placement placement = scorer.placement();
  if (placement.provider != engine::Provider::Cpu) {
    log.info("network is run by another provider",
             {{"endpoint", endpoint},
              {"provider", engine::provider_name(placement.provider)},
              {"precision", engine::precision_name(placement.precision)},
              {"runtime", placement.runtime}});
  }
  if (scorer.network() != nullptr && !scorer.network()->batch_note().empty()) {
    log.warn("requests to a network may not be computed together as its recipe says",
             {{"endpoint", endpoint},
              {"asked", scorer.recipe().engine.batch_max.value_or(1)},
              {"rows", scorer.network()->rows_max()},
              {"because", scorer.network()->batch_note()}});
  }
  if (scorer.fallback().empty()) return;
  const engine::Settings& asked = scorer.recipe().engine;
  const std::string provider(engine::provider_name(asked.provider));
  metrics
      .counter("sooth_networks_fallen_back_total",
               "Networks loaded that are not run as their recipes say.", {{"provider", provider}})
      .add();
  log.warn("network is run by the runtime's own kernels instead",
           {{"endpoint", endpoint},
            {"asked", fmt::format("{} in {}", provider, engine::precision_name(asked.precision))},
            {"because", scorer.fallback()}});
}

}  // namespace serve
