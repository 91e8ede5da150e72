#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "vision/preparation.h"

namespace vision {
namespace {

base::Error refused(std::string message) { return {base::Code::Invalid, std::move(message)}; }

bool is_side(std::uint32_t pixels, std::uint32_t most) { return pixels >= 1 && pixels <= most; }

base::Result<void> check_divisor(std::string_view name, float value) {
  if (std::isfinite(value) && value != 0) return {};
  return refused(fmt::format("{}: expected a number other than 0, got {}", name, value));
}

}  // namespace

base::Result<void> check(const Preparation& preparation) {
  const Size size = preparation.size;
  if (!is_side(size.width, kTensorSideMax) || !is_side(size.height, kTensorSideMax)) {
    return refused(fmt::format("size: expected sides of 1 to {} pixels, got {} x {}",
                               kTensorSideMax, size.width, size.height));
  }
  if (!is_side(preparation.shorter, kSideMax)) {
    return refused(
        fmt::format("shorter: expected 1 to {} pixels, got {}", kSideMax, preparation.shorter));
  }
  TRY(check_divisor("divisor", preparation.divisor));
  for (const float each : preparation.deviation) TRY(check_divisor("deviation", each));
  for (const float each : preparation.mean) {
    if (!std::isfinite(each)) return refused(fmt::format("mean: expected a number, got {}", each));
  }
  return {};
}

}  // namespace vision
