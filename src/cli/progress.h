#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "cli/world.h"

namespace cli {

// How far a long command is, on one line of a terminal that is written over and over, and removed
// at the end. Silent for the first second, and where stderr is not a terminal.
class Progress {
 public:
  explicit Progress(World& world) : world_(world), started_(world.now()), shown_(started_) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { clear(); }

  void rows(std::uint64_t count);
  // `all` of them; 0: nobody knows how many.
  void bytes(std::string_view doing, std::uint64_t count, std::uint64_t all);
  void models(std::size_t count, std::size_t all);
  // For how long, where nobody knows how much is left.
  void waiting(std::string_view doing);
  void clear();

 private:
  bool is_due();

  World& world_;
  std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point shown_;
  bool visible_ = false;
};

}  // namespace cli
