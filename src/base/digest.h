#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace base {

// The SHA-256 of some bytes, which is their identity. As text: "sha256:" and 64 lower-case
// hexadecimal digits.
class Digest {
 public:
  static constexpr std::size_t kBytes = 32;

  // All zeros, the digest of nothing that is known.
  Digest() = default;

  static Result<Digest> parse(std::string_view text);
  // From its 32 bytes themselves.
  static Result<Digest> from(Bytes bytes);
  static Digest of(Bytes bytes);
  static Digest of(std::string_view text) { return of(as_bytes(text)); }

  std::string text() const { return "sha256:" + hex(); }
  std::string hex() const;
  const std::array<std::uint8_t, kBytes>& bytes() const { return bytes_; }

  // NOLINTNEXTLINE(modernize-use-nullptr): a false alarm of that check.
  auto operator<=>(const Digest&) const = default;

 private:
  friend class Hasher;
  std::array<std::uint8_t, kBytes> bytes_{};
};

// The digest of bytes that come one part after another.
class Hasher {
 public:
  Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;
  ~Hasher();

  void update(Bytes bytes);
  void update(std::string_view text) { update(as_bytes(text)); }
  // Of all bytes since the start, or since the last finish().
  Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace base
