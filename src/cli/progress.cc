#include "cli/progress.h"

#include <fmt/format.h>

namespace cli {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kEraseLine = "\r\x1B[K";

}  // namespace

void Progress::rows(std::uint64_t count) {
  if (!world_.err_is_terminal) return;
  const auto now = world_.now();
  if (now - started_ < 1s || now - shown_ < 250ms) return;
  shown_ = now;
  visible_ = true;
  const double seconds = std::chrono::duration<double>(now - started_).count();
  const auto rate = static_cast<std::uint64_t>(static_cast<double>(count) / seconds);
  static_cast<void>(
      world_.err.write(fmt::format("{}{} rows, {} a second", kEraseLine, count, rate)).ok());
}

void Progress::clear() {
  if (!visible_) return;
  visible_ = false;
  static_cast<void>(world_.err.write(kEraseLine).ok());
}

}  // namespace cli
