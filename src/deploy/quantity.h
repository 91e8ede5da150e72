#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace deploy {

// Whatever the locale says.
inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Processor time as Kubernetes writes it, exact to a thousandth: "500m", "2", "0.25".
struct Cpu {
  static constexpr std::int64_t kMillisMax = 1'024'000;

  // Refuses signs, exponents, units other than "m", what is finer than 1m, zero, and more than
  // 1024 processors.
  static base::Result<Cpu> parse(std::string_view text);
  // In the form in which an API server gives it back: "2", "1500m".
  std::string text() const;

  std::int64_t millis = 0;
  bool operator==(const Cpu&) const = default;
};

// Memory as Kubernetes writes it: "512Mi", "1.5Gi", "2G", plain bytes. A fraction of a byte counts
// as a whole one, as in Kubernetes.
struct Memory {
  static constexpr std::int64_t kBytesMin = std::int64_t{1} << 20;
  static constexpr std::int64_t kBytesMax = std::int64_t{16} << 40;

  // Refuses signs, exponents, units that Kubernetes does not have for sizes ("MB", and "m", which
  // is a thousandth of a byte), and what is outside 1Mi to 16Ti.
  static base::Result<Memory> parse(std::string_view text);
  std::string text() const;

  std::int64_t bytes = 0;
  bool operator==(const Memory&) const = default;
};

}  // namespace deploy
