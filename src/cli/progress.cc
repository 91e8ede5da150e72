#include "cli/progress.h"

#include <fmt/format.h>

#include "base/text.h"

namespace cli {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kEraseLine = "\r\x1B[K";

}  // namespace

bool Progress::is_due() {
  if (!world_.err_is_terminal) return false;
  const auto now = world_.now();
  if (now - started_ < 1s || now - shown_ < 250ms) return false;
  shown_ = now;
  visible_ = true;
  return true;
}

void Progress::rows(std::uint64_t count) {
  if (!is_due()) return;
  const double seconds = std::chrono::duration<double>(shown_ - started_).count();
  const auto rate = static_cast<std::uint64_t>(static_cast<double>(count) / seconds);
  static_cast<void>(
      world_.err.write(fmt::format("{}{} rows, {} a second", kEraseLine, count, rate)).ok());
}

void Progress::bytes(std::string_view doing, std::uint64_t count, std::uint64_t all) {
  if (!is_due()) return;
  const std::string of = all > 0 ? fmt::format(" of {}", base::human_bytes(all)) : "";
  static_cast<void>(
      world_.err.write(fmt::format("{}{} {}{}", kEraseLine, doing, base::human_bytes(count), of))
          .ok());
}

void Progress::models(std::size_t count, std::size_t all) {
  if (!is_due()) return;
  static_cast<void>(
      world_.err.write(fmt::format("{}loading models: {} of {}", kEraseLine, count, all)).ok());
}

void Progress::waiting(std::string_view doing) {
  if (!is_due()) return;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(shown_ - started_);
  static_cast<void>(
      world_.err.write(fmt::format("{}{}: {} s", kEraseLine, doing, seconds.count())).ok());
}

void Progress::clear() {
  if (!visible_) return;
  visible_ = false;
  static_cast<void>(world_.err.write(kEraseLine).ok());
}

}  // namespace cli
