#pragma once

#include <string>

#include "base/result.h"
#include "engine/settings.h"
#include "engine_onnx/ort.h"

namespace engine_onnx {

// Where the plug-in of OpenVINO lies that goes with a library of the runtime.
std::string openvino_path(const std::string& library);
// Whether the library has OpenVINO inside, and needs no plug-in.
bool has_openvino(const std::string& library);

// How many runs of so many threads each the usable processors are enough for; at least one.
unsigned runs_at_once(unsigned threads);

// What OpenVINO is told. It takes options that it does not know without a word, so that they are
// all in the one that it checks.
std::string openvino_options(const engine::Settings& settings, unsigned at_once);

// Adds what the settings ask for to the options of a session, and says what will compute.
// Unsupported, with the reason and the command that installs it, where it cannot be had here.
base::Result<engine::Placement> add_provider(const Library& library, OrtSessionOptions* options,
                                             const engine::Settings& settings, unsigned at_once);

// Opens the operator's library of operators, whose code runs from then on; empty: none. Its path
// must be absolute, since the system would search for another.
base::Result<void> add_custom_operators(const Library& library, OrtSessionOptions* options,
                                        const std::string& path);

// Whether the provider took a part of the network: Unsupported where it left all of it to the
// runtime's own kernels.
base::Result<void> check_placement(const Library& library, const OrtSession* session,
                                   const engine::Settings& settings);

}  // namespace engine_onnx
