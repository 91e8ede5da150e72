#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include <openssl/types.h>

#include "auth/algorithm.h"
#include "base/result.h"

namespace auth {

// The half of an issuer's key that everybody may know: checked once, when it is made, so that what
// is left for each token is its signature. Immutable; any thread may use it.
class PublicKey {
 public:
  // Big-endian numbers without zeros in front. Refuses a modulus of other than 2048 to 8192 bits,
  // and an exponent that is even, below 65537 or longer than 32 bits.
  static base::Result<PublicKey> rsa(std::string_view modulus, std::string_view exponent);
  // Coordinates of 32 bytes each; refuses a point that is not on the curve.
  static base::Result<PublicKey> p256(std::string_view x, std::string_view y);
  static base::Result<PublicKey> ed25519(std::string_view point);  // 32 bytes.

  // What the kind of the key permits.
  Algorithms algorithms() const { return algorithms_; }

  // Whether the signature is this key's for the message; false too for an algorithm that is not of
  // its kind. Signatures are as RFC 7518, section 3 has them: of P-256 the two numbers, 32 bytes
  // each.
  bool verifies(Algorithm algorithm, std::string_view message, std::string_view signature) const;

 private:
  PublicKey(std::shared_ptr<EVP_PKEY> key, Algorithms algorithms)
      : key_(std::move(key)), algorithms_(algorithms) {}

  std::shared_ptr<EVP_PKEY> key_;
  Algorithms algorithms_;
};

}  // namespace auth
