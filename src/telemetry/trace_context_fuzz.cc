#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "telemetry/trace_context.h"

// A traceparent that is understood comes out as it went in, but for what only later versions have;
// a tracestate is passed on whole or not at all.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto parent = telemetry::parse_traceparent(text)) {
    const std::string again = telemetry::format_traceparent(*parent);
    if (parent->trace.empty() || parent->span.empty()) std::abort();
    if (telemetry::parse_traceparent(again) != parent) std::abort();
    if (text.substr(2, 51) != std::string_view(again).substr(2, 51)) std::abort();
  }
  const std::string_view state = telemetry::valid_tracestate(text);
  if (!state.empty() && (state != text || state.size() > telemetry::kTraceStateBytesMax)) {
    std::abort();
  }
  if (telemetry::valid_tracestate(state) != state) std::abort();
  return 0;
}
