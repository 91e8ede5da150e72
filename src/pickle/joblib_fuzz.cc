// What lies around and between the opcodes: containers (the first byte picks one, so that no
// checksum stands in the way of finding them) and joblib's arrays behind a wrapper.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "pickle/container.h"
#include "pickle/document.h"
#include "pickle/walk.h"

namespace {

// [NumpyArrayWrapper with the state that follows, up to its BUILD.
constexpr std::string_view kWrapper =
    "\x80\x02"
    "cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81";

pickle::Limits small_limits() {
  pickle::Limits limits;
  limits.stream_bytes = std::uint64_t{1} << 20U;
  limits.ratio_free_bytes = std::uint64_t{1} << 20U;
  limits.codec_bytes = std::uint64_t{32} << 20U;
  limits.memory_bytes = std::uint64_t{64} << 20U;
  limits.steps = 1'000'000;
  return limits;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const base::Bytes rest = std::as_bytes(std::span(data + 1, size - 1));
  const unsigned choice = data[0] % 8;
  if (choice != 0) {
    const auto unpacked =
        pickle::unpack(static_cast<pickle::Container>(choice), rest, small_limits());
    if (unpacked.ok() && unpacked->bytes().size() > small_limits().stream_bytes) __builtin_trap();
    return 0;
  }
  std::string bytes(kWrapper);
  bytes += base::as_text(rest);
  const auto document = pickle::Document::read(base::as_bytes(bytes), small_limits());
  if (document.ok()) pickle::walk(document->root(), [](pickle::Value) { return true; });
  return 0;
}
