#include "batching/shared_runs.h"

#include <algorithm>
#include <utility>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "batching/batching_network.h"
#include "threads/cpus.h"

namespace batching {
namespace {

using namespace std::chrono_literals;

// What is tried where nobody said how many.
constexpr std::size_t kDeviceRowsMax = 64;
constexpr std::size_t kProcessorRowsMax = 8;
constexpr auto kDeviceTryMax = 10s;
constexpr auto kProcessorTryMax = 2s;
// A device computes for one while the next waits; more would only share its memory.
constexpr std::size_t kDeviceRunsMax = 1;

bool has_matrix_tiles() {
#if defined(__x86_64__)
  // AMX-TILE: leaf 7, EDX bit 24.
  constexpr unsigned kTiles = 1U << 24U;
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (edx & kTiles) != 0;
#else
  return false;
#endif
}

bool may_gain(const engine::Settings& settings, const Machine& machine) {
  switch (settings.provider) {
    case engine::Provider::Cuda: return true;
    case engine::Provider::OpenVino:
      return settings.precision != engine::Precision::Fp32 && machine.matrix_tiles;
    case engine::Provider::Cpu: return false;
  }
  return false;
}

// What is taken at nobody's word: whoever said how many may not have compared the answers.
Proved find_rows_max(const engine::Network& network, const engine::Settings& settings,
                     const Machine& machine) {
  if (settings.batch_max) {
    return *settings.batch_max > 1 ? prove(network, *settings.batch_max, settings.agreement)
                                   : Proved{};
  }
  if (!may_gain(settings, machine)) return {};
  const bool device = settings.provider == engine::Provider::Cuda;
  return {
      .rows_max = measure(network, device ? kDeviceRowsMax : kProcessorRowsMax, settings.agreement,
                          device ? kDeviceTryMax : kProcessorTryMax, machine.now)
                      .rows_max,
      .because = {}};
}

}  // namespace

Machine this_machine() {
  return {.cpus = static_cast<unsigned>(threads::detect_cpus()),
          .matrix_tiles = has_matrix_tiles(),
          .now = [] { return std::chrono::steady_clock::now(); }};
}

std::unique_ptr<engine::Network> share_runs(std::unique_ptr<engine::Network> network,
                                            const engine::Settings& settings,
                                            const Machine& machine) {
  Proved proved = find_rows_max(*network, settings, machine);
  if (proved.because.empty() && (proved.rows_max <= 1 || !joins_rows(*network))) return network;
  const std::size_t runs_max = settings.provider == engine::Provider::Cuda
                                   ? kDeviceRunsMax
                                   : std::max(1U, machine.cpus / std::max(1U, settings.threads));
  return std::make_unique<BatchingNetwork>(
      std::move(network),
      Bounds{.rows_max = proved.rows_max, .runs_max = runs_max, .note = std::move(proved.because)});
}

std::size_t useful_callers(const engine::Network& network, std::size_t cpus) {
  const std::size_t each = std::max<std::size_t>(1, network.rows_max());
  return std::max(cpus, std::min(kCallersMax, cpus * each));
}

}  // namespace batching
