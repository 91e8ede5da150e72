#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.h"
#include "telemetry/scrub.h"

// Whatever the text: scrubbing is bounded, done once for all, leaves UTF-8 what it is, and changes
// nothing where may_hold_secret() says so.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // What is cut is not the same twice.
  if (size > telemetry::kScrubBytesMax / 16) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string once = telemetry::scrub(text);
  if (once.size() > 8 * text.size() + 32) std::abort();
  if (telemetry::scrub(once) != once) std::abort();
  if (!base::find_invalid_utf8(text) && base::find_invalid_utf8(once)) std::abort();
  if (!telemetry::may_hold_secret(text) && once != text) std::abort();
  return 0;
}
