#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "batching/measure.h"
#include "engine/network.h"
#include "engine/settings.h"

namespace batching {

// Where networks run.
struct Machine {
  unsigned cpus = 1;
  bool matrix_tiles = false;  // A processor that multiplies small numbers in tiles (AMX).
  Now now;
};
// This one.
Machine this_machine();

// The network with its requests computed together as its settings say, warm for each number of
// rows that they come in, and as far as a row is answered alike in company and alone, within the
// owner's bound: where that is not as far as the owner says, Network::batch_note() says why. As it
// is where each is computed alone. Where the settings leave it open,
// it is tried on what may gain by it (not the runtime's own kernels in fp32, which gain nothing),
// for at most some seconds, and within the owner's bound.
std::unique_ptr<engine::Network> share_runs(std::unique_ptr<engine::Network> network,
                                            const engine::Settings& settings,
                                            const Machine& machine);

// How many callers at once a network is of use to, on a machine of so many processors: beyond
// those that compute, those that wait to be computed together. At most kCallersMax.
inline constexpr std::size_t kCallersMax = 256;
std::size_t useful_callers(const engine::Network& network, std::size_t cpus);

}  // namespace batching
