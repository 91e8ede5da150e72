#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace engine_onnx {

// Which build of the runtime: one folder each beneath the folder of runtimes.
enum class Flavour : std::uint8_t {
  Cpu,       // Which a plug-in may join.
  OpenVino,  // With OpenVINO inside, for processors that the plug-in does not take.
  Cuda,
};

// "onnx", "onnx-openvino", "onnx-cuda": the folder's name, and what messages call it.
const char* flavour_folder(Flavour flavour);

// The runtime's library beneath the folder of runtimes, the newest where there are several.
// NotFound names the folder and the command that installs one.
base::Result<std::string> find_library(const std::string& runtime_dir,
                                       Flavour flavour = Flavour::Cpu);

// The version in a library's file name: "1.32.0" of "libonnxruntime.so.1.32.0".
std::optional<std::string> find_library_version(const std::string& file_name);

// The release in the name of OpenVINO's own: "2026.4.1" of "libopenvino.so.2641".
std::optional<std::string> find_openvino_version(const std::string& file_name);

// The API that is spoken: of the first release that has it, 1.24.
inline constexpr unsigned kApi = 24;
// Whether a runtime of that version knows the API: "1.32.0" knows 32 and all before it, as 2.0 does
// for all that anybody can know.
bool speaks_api(std::string_view version, unsigned api);

}  // namespace engine_onnx
