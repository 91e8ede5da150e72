#include "engine_onnx/processor.h"

#include <algorithm>
#include <cstddef>
#include <fstream>

namespace engine_onnx {
namespace {

constexpr std::size_t kCpuinfoBytes = 64 << 10;
constexpr std::string_view kFeatures[] = {
    "avx2",     "fma",      "avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16", "avx512_fp16",
    "amx_bf16", "amx_int8", "asimdhp",  "asimddp", "i8mm",        "bf16",        "sve",
};

// The words after the first "flags : " or, of ARM, "Features : ".
std::string_view words_of(std::string_view cpuinfo) {
  while (!cpuinfo.empty()) {
    const std::size_t end = std::min(cpuinfo.find('\n'), cpuinfo.size());
    const std::string_view line = cpuinfo.substr(0, end);
    cpuinfo.remove_prefix(std::min(end + 1, cpuinfo.size()));
    if (!line.starts_with("flags") && !line.starts_with("Features")) continue;
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos) return line.substr(colon + 1);
  }
  return {};
}

bool has_word(std::string_view words, std::string_view wanted) {
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    if (words.substr(0, end) == wanted) return true;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return false;
}

}  // namespace

std::string processor_features(std::string_view cpuinfo) {
  const std::string_view words = words_of(cpuinfo);
  std::string features;
  for (const std::string_view each : kFeatures) {
    if (!has_word(words, each)) continue;
    features.append(features.empty() ? "" : " ").append(each);
  }
  return features;
}

const std::string& processor_features() {
  static const std::string kFound = [] {
    // The first processor's lines are enough, and the kernel does not say how long the file is.
    std::ifstream file("/proc/cpuinfo");
    std::string text(kCpuinfoBytes, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return processor_features(text);
  }();
  return kFound;
}

}  // namespace engine_onnx
