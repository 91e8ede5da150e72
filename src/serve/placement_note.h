#pragma once

#include <string_view>

#include "scorer/scorer.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace serve {

// Says what computes a network where that is not the runtime's own kernels. Where it is, although
// its recipe asks for another: a warning with the reason, and one more counted. A warning, too,
// where its requests are not computed together as its recipe says (Network::batch_note()).
//   sooth_networks_fallen_back_total{provider}: the one that was asked for
void note_placement(std::string_view endpoint, const scorer::Scorer& scorer,
                    telemetry::Metrics& metrics, telemetry::Log& log);

}  // namespace serve
