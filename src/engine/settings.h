#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace engine {

// What computes a network.
enum class Provider : std::uint8_t {
  Cpu,       // The runtime's own kernels.
  OpenVino,  // Intel's, on the CPU.
  Cuda,
};

// "cpu", "openvino", "cuda": as a recipe writes it.
std::string_view provider_name(Provider provider);

// What a provider may round numbers to while it computes. Ends keep their datatypes.
enum class Precision : std::uint8_t {
  Fp32,
  Bf16,
  Int8,  // Of a network that was quantised.
};

// "fp32", "bf16", "int8".
std::string_view precision_name(Precision precision);

// What float32 leaves where kernels for other processors add in another order.
inline constexpr double kFp32Agreement = 1e-4;

// How a network is run.
struct Settings {
  Provider provider = Provider::Cpu;
  Precision precision = Precision::Fp32;
  // Threads that compute one run: 1 is the caller's own, so that callers share the cores. More are
  // shared by all runs of the network, and answer a lone caller sooner.
  unsigned threads = 1;
  // How many requests may be computed together, 1: none; nothing: what measuring finds best.
  std::optional<std::size_t> batch_max;
  // How far what it then answers may be from what the runtime's own kernels answer in fp32 to one
  // request alone: of the largest number of an output, or of a probability. Its owner's bound.
  double agreement = kFp32Agreement;
  bool operator==(const Settings&) const = default;

  // Whether the runtime's own kernels compute it, as they compute every network without a word.
  bool is_plain() const { return provider == Provider::Cpu && precision != Precision::Bf16; }
  // The same network on those kernels. Numbers that a file holds as int8 stay int8.
  Settings plain() const;
};

// What computes a loaded network.
struct Placement {
  Provider provider = Provider::Cpu;
  Precision precision = Precision::Fp32;
  std::string runtime;    // "ONNX Runtime 1.32.0"; empty: not said.
  std::string processor;  // What of it kernels choose by: "avx2 avx512f avx512_bf16".
  bool operator==(const Placement&) const = default;
};

}  // namespace engine
