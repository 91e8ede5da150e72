// The list of files in a wheel: no path that is accepted leads out of it.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine_onnx/onnx_tensor.h"
#include "engine_onnx/wheel.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto record =
      engine_onnx::parse_record(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!record.ok()) return 0;
  for (const auto& entry : *record) {
    if (!engine_onnx::is_beneath(entry.path)) __builtin_trap();
  }
  for (const auto& plan : engine_onnx::wheel_plans()) {
    static_cast<void>(engine_onnx::choose_files(plan, *record).ok());
  }
  return 0;
}
