#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"
#include "engine_onnx/onnx_file.h"

namespace engine_onnx {

// The folder that locations by descriptor are relative to.
inline constexpr const char* kDescriptorRoot = "/";

// The model that `file` was read from, with the files of its weights named by the descriptors that
// they were opened and checked with: "proc/self/fd/7". The runtime then reads each weight when it
// needs it and lets it go, as it does for who gives it a path; weights that it is given in memory
// it keeps beside what it computes with until it is done, which takes three times their size.
//
// Nothing where there are no such files, where one is not kept open, or where elements would not
// lie aligned in it.
std::optional<std::string> name_by_descriptor(base::Bytes model, const OnnxFile& file,
                                              std::span<const ExternalFile> external);

}  // namespace engine_onnx
