#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace engine {

// What computes a network.
enum class Provider : std::uint8_t {
  Cpu,       // The runtime's own kernels.
  OpenVino,  // Intel's, on the CPU.
  Cuda,
};

// What a provider may round numbers to while it computes. Ends keep their datatypes.
enum class Precision : std::uint8_t {
  Fp32,
  Bf16,
  Int8,  // Of a network that was quantised.
};

// How a network is run.
struct Settings {
  Provider provider = Provider::Cpu;
  Precision precision = Precision::Fp32;
  // Threads that compute one run: 1 is the caller's own, so that callers share the cores. More are
  // shared by all runs of the network, and answer a lone caller sooner.
  unsigned threads = 1;
  // How many requests may be computed together, 1: none; nothing: what measuring finds best.
  std::optional<std::size_t> batch_max;
  bool operator==(const Settings&) const = default;
};

}  // namespace engine
