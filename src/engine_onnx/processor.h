#pragma once

#include <string>
#include <string_view>

namespace engine_onnx {

// What of a processor decides which kernels compute, and so how sums are rounded: the flags that
// matter of the text of /proc/cpuinfo, in a fixed order. Empty where it says nothing.
std::string processor_features(std::string_view cpuinfo);

// Of this machine; read once.
const std::string& processor_features();

}  // namespace engine_onnx
