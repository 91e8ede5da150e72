#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace auth {

// How tokens may be signed (RFC 7518, RFC 8037). Only with keys whose other half the issuer alone
// has: "none" and the HS family are no algorithms here, so no key can be taken for a secret.
enum class Algorithm : std::uint8_t { Rs256, Ps256, Es256, EdDsa };

std::string_view algorithm_name(Algorithm algorithm);
// "Ed25519" is EdDSA's newer name (RFC 9864).
std::optional<Algorithm> find_algorithm(std::string_view name);

// A set of them.
class Algorithms {
 public:
  Algorithms() = default;
  constexpr Algorithms(std::initializer_list<Algorithm> algorithms) {
    for (const Algorithm each : algorithms) add(each);
  }

  constexpr void add(Algorithm algorithm) {
    bits_ = static_cast<std::uint8_t>(bits_ | bit(algorithm));
  }
  constexpr bool contains(Algorithm algorithm) const { return (bits_ & bit(algorithm)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  std::string names() const;  // "RS256, ES256"

  bool operator==(const Algorithms&) const = default;

 private:
  static constexpr std::uint8_t bit(Algorithm algorithm) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(algorithm));
  }
  std::uint8_t bits_ = 0;
};

inline constexpr Algorithms kEveryAlgorithm = {Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256,
                                               Algorithm::EdDsa};

}  // namespace auth
