#include "engine_onnx/provider.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"
#include "engine_onnx/processor.h"
#include "threads/cpus.h"

namespace engine_onnx {
namespace {

using base::Code;
using base::Error;
using base::Result;
using engine::Placement;
using engine::Precision;
using engine::Provider;
using engine::Settings;

constexpr const char* kOpenVino = "OpenVINOExecutionProvider";
constexpr const char* kRegistered = "openvino";

const char* provider_in_runtime(Provider provider) {
  return provider == Provider::Cuda ? "CUDAExecutionProvider" : kOpenVino;
}

std::string metadata_of(const OrtApi& api, const OrtEpDevice* device, const char* key) {
  const OrtKeyValuePairs* pairs = api.EpDevice_EpMetadata(device);
  const char* value = pairs != nullptr ? api.GetKeyValue(pairs, key) : nullptr;
  return value != nullptr ? value : "";
}

Result<const OrtEpDevice*> find_cpu(const Library& library) {
  const OrtApi& api = *library.api;
  const OrtEpDevice* const* devices = nullptr;
  std::size_t count = 0;
  TRY(outcome(api, api.GetEpDevices(library.env.get(), &devices, &count)));
  std::string vendor = "another maker";
  for (const OrtEpDevice* device : std::span(devices, count)) {
    const OrtHardwareDevice* hardware = api.EpDevice_Device(device);
    if (api.HardwareDevice_Type(hardware) != OrtHardwareDeviceType_CPU) continue;
    if (std::strcmp(api.EpDevice_EpName(device), kOpenVino) == 0) return device;
    vendor = one_line(api.HardwareDevice_Vendor(hardware));
  }
  return Error(Code::Unsupported,
               fmt::format("openvino: expected an Intel processor, which its plug-in asks for, got "
                           "one of {}; for others there is `sooth engines install onnx "
                           "--openvino-any`",
                           vendor));
}

Result<void> get_openvino(const Library& library, OpenVino& got) {
  const std::string path = openvino_path(library.path);
  if (!base::exists(path)) {
    return Error(Code::NotFound, fmt::format("openvino: no plug-in at {}; install it with `sooth "
                                             "engines install onnx --openvino`",
                                             base::printable(path)));
  }
  const OrtApi& api = *library.api;
  auto registered = outcome(
      api, api.RegisterExecutionProviderLibrary(library.env.get(), kRegistered, path.c_str()));
  if (!registered.ok()) return std::move(registered).error().within("openvino");
  TRY_ASSIGN(got.cpu, find_cpu(library));
  got.version = metadata_of(api, got.cpu, "version");
  return {};
}

// Asked for by the first session that wants it; what went wrong then goes wrong again.
Result<OpenVino> openvino_of(const Library& library) {
  auto known = library.openvino.lock();
  if (!known->has_value()) {
    OpenVino& got = known->emplace();
    if (auto tried = get_openvino(library, got); !tried.ok()) {
      got.problem = std::move(tried).error();
    }
  }
  if ((*known)->problem) return *(*known)->problem;
  return **known;
}

// Of a library that has it inside.
Result<std::string> add_inner_openvino(const Library& library, OrtSessionOptions* options,
                                       const std::string& load_config) {
  const char* keys[] = {"device_type", "load_config"};
  const char* values[] = {"CPU", load_config.c_str()};
  TRY(outcome(*library.api, library.api->SessionOptionsAppendExecutionProvider_OpenVINO_V2(
                                options, keys, values, std::size(keys))));
  return std::string("OpenVINO");
}

Result<std::string> add_openvino(const Library& library, OrtSessionOptions* options,
                                 const Settings& settings, unsigned at_once) {
  if (has_openvino(library.path)) {
    return add_inner_openvino(library, options, openvino_options(settings, at_once));
  }
  TRY_ASSIGN(const OpenVino openvino, openvino_of(library));
  const std::string load_config = openvino_options(settings, at_once);
  const char* key = "load_config";
  const char* value = load_config.c_str();
  TRY(outcome(*library.api, library.api->SessionOptionsAppendExecutionProvider_V2(
                                options, library.env.get(), &openvino.cpu, 1, &key, &value, 1)));
  return openvino.version.empty() ? "OpenVINO" : "OpenVINO " + openvino.version;
}

Result<std::string> add_cuda(const Library& library, OrtSessionOptions* options) {
  const OrtApi& api = *library.api;
  OrtCUDAProviderOptionsV2* made = nullptr;
  TRY(outcome(api, api.CreateCUDAProviderOptions(&made)));
  const std::unique_ptr<OrtCUDAProviderOptionsV2, void (*)(OrtCUDAProviderOptionsV2*)> owned(
      made, api.ReleaseCUDAProviderOptions);
  // fp32 is not the 19 bits of TF32; and forms of input that were not seen before are not measured
  // while somebody waits.
  constexpr const char* kKeys[] = {"device_id", "use_tf32", "cudnn_conv_algo_search"};
  constexpr const char* kValues[] = {"0", "0", "HEURISTIC"};
  TRY(outcome(api, api.UpdateCUDAProviderOptions(made, kKeys, kValues, std::size(kKeys))));
  TRY(outcome(api, api.SessionOptionsAppendExecutionProvider_CUDA_V2(options, made)));
  return std::string("CUDA");
}

}  // namespace

std::string openvino_path(const std::string& library) {
  std::error_code problem;
  // The runtime takes no other.
  const auto absolute = std::filesystem::absolute(library, problem);
  return (absolute.parent_path() / "openvino" / "libonnxruntime_providers_openvino_plugin.so")
      .string();
}

bool has_openvino(const std::string& library) {
  return base::exists(library.substr(0, library.rfind('/') + 1) +
                      "libonnxruntime_providers_openvino.so");
}

unsigned runs_at_once(unsigned threads) {
  const auto cpus = static_cast<unsigned>(std::max(threads::detect_cpus(), 1));
  return std::max(cpus / std::max(threads, 1U), 1U);
}

std::string openvino_options(const Settings& settings, unsigned at_once) {
  // Threads that are pinned to cores stand in each other's way where others compute, too.
  return fmt::format(R"({{"CPU":{{"INFERENCE_PRECISION_HINT":"{}","NUM_STREAMS":"{}",)"
                     R"("INFERENCE_NUM_THREADS":"{}","ENABLE_CPU_PINNING":"NO"}}}})",
                     settings.precision == Precision::Bf16 ? "bf16" : "f32", at_once,
                     at_once * settings.threads);
}

Result<Placement> add_provider(const Library& library, OrtSessionOptions* options,
                               const Settings& settings, unsigned at_once) {
  Placement placement{.provider = settings.provider,
                      .precision = settings.precision,
                      .runtime = "ONNX Runtime " + library.version,
                      .processor = processor_features()};
  if (settings.provider == Provider::Cpu) {
    if (settings.precision != Precision::Bf16) return placement;
    return Error(Code::Unsupported, "expected a provider that computes in bf16, got cpu");
  }
  std::string by;
  if (settings.provider == Provider::OpenVino) {
    TRY_ASSIGN(by, add_openvino(library, options, settings, at_once));
  } else {
    auto added = add_cuda(library, options);
    if (!added.ok()) {
      return Error(Code::Unsupported,
                   fmt::format("cuda: expected NVIDIA's driver, CUDA 13 and cuDNN 9, got {}",
                               added.error().message()));
    }
    by = *std::move(added);
  }
  TRY(outcome(*library.api, library.api->AddSessionConfigEntry(
                                options, "session.record_ep_graph_assignment_info", "1")));
  placement.runtime = by + " in " + placement.runtime;
  return placement;
}

Result<void> add_custom_operators(const Library& library, OrtSessionOptions* options,
                                  const std::string& path) {
  if (path.empty()) return {};
  if (!path.starts_with('/') || !base::exists(path)) {
    return Error(Code::NotFound, fmt::format("onnx: expected the absolute path of a library of "
                                             "operators, got {}",
                                             base::quote(path)));
  }
  return outcome(*library.api, library.api->RegisterCustomOpsLibrary_V2(options, path.c_str()));
}

Result<void> check_placement(const Library& library, const OrtSession* session,
                             const Settings& settings) {
  if (settings.provider == Provider::Cpu) return {};
  const OrtApi& api = *library.api;
  const OrtEpAssignedSubgraph* const* parts = nullptr;
  std::size_t count = 0;
  TRY(outcome(api, api.Session_GetEpGraphAssignmentInfo(session, &parts, &count)));
  for (const OrtEpAssignedSubgraph* part : std::span(parts, count)) {
    const char* name = nullptr;
    TRY(outcome(api, api.EpAssignedSubgraph_GetEpName(part, &name)));
    if (std::strcmp(name, provider_in_runtime(settings.provider)) == 0) return {};
  }
  return Error(Code::Unsupported, fmt::format("{}: expected an operator that it computes, got none",
                                              engine::provider_name(settings.provider)));
}

}  // namespace engine_onnx
