#include "auth/public_key.h"

#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

namespace auth {
namespace {

using base::Code;
using base::Error;

constexpr int kRsaBitsMin = 2048;
constexpr int kRsaBitsMax = 8192;
constexpr int kExponentBitsMax = 32;
constexpr unsigned long kExponentMin = 65537;
constexpr std::size_t kCoordinateBytes = 32;
constexpr std::size_t kEd25519Bytes = 32;

template <auto release>
struct Released {
  template <typename T>
  void operator()(T* value) const {
    release(value);
  }
};
template <typename T, auto release>
using Owned = std::unique_ptr<T, Released<release>>;

using Number = Owned<BIGNUM, ::BN_free>;
using Params = Owned<OSSL_PARAM, ::OSSL_PARAM_free>;
using ParamsBuilder = Owned<OSSL_PARAM_BLD, ::OSSL_PARAM_BLD_free>;
using KeyContext = Owned<EVP_PKEY_CTX, ::EVP_PKEY_CTX_free>;
using DigestContext = Owned<EVP_MD_CTX, ::EVP_MD_CTX_free>;
using EcSignature = Owned<ECDSA_SIG, ::ECDSA_SIG_free>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Number number_of(std::string_view bytes) {
  return Number(::BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

// What OpenSSL leaves in its queue would be taken for the fault of whoever asks it next.
std::shared_ptr<EVP_PKEY> make_key(const char* kind, const Params& params) {
  const KeyContext context(::EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  EVP_PKEY* key = nullptr;
  const bool made =
      context != nullptr && params != nullptr && ::EVP_PKEY_fromdata_init(context.get()) == 1 &&
      ::EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) == 1;
  ::ERR_clear_error();
  return {made ? key : nullptr, ::EVP_PKEY_free};
}

bool is_on_curve(EVP_PKEY& key) {
  const KeyContext context(::EVP_PKEY_CTX_new_from_pkey(nullptr, &key, nullptr));
  const bool valid = context != nullptr && ::EVP_PKEY_public_check(context.get()) == 1;
  ::ERR_clear_error();
  return valid;
}

// The DER form that OpenSSL takes; empty where the bytes are no two numbers.
std::vector<unsigned char> der_of(std::string_view signature) {
  if (signature.size() != 2 * kCoordinateBytes) return {};
  const EcSignature pair(::ECDSA_SIG_new());
  Number r = number_of(signature.substr(0, kCoordinateBytes));
  Number s = number_of(signature.substr(kCoordinateBytes));
  if (pair == nullptr || r == nullptr || s == nullptr) return {};
  if (::ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  unsigned char* written = nullptr;
  const int size = ::i2d_ECDSA_SIG(pair.get(), &written);
  if (size <= 0) return {};
  std::vector<unsigned char> der(written, written + size);
  ::OPENSSL_free(written);
  return der;
}

bool set_padding(EVP_PKEY_CTX* context, Algorithm algorithm) {
  if (algorithm == Algorithm::Rs256) {
    return ::EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  }
  if (algorithm == Algorithm::Ps256) {
    return ::EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           ::EVP_PKEY_CTX_set_rsa_mgf1_md(context, ::EVP_sha256()) == 1 &&
           ::EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
  }
  return true;
}

}  // namespace

base::Result<PublicKey> PublicKey::rsa(std::string_view modulus, std::string_view exponent) {
  const auto bad = [](std::string expected) {
    return Error(Code::Invalid, "RSA: expected " + std::move(expected));
  };
  if (modulus.empty() || exponent.empty() || modulus.front() == 0 || exponent.front() == 0) {
    return bad("numbers without zeros in front");
  }
  if (modulus.size() > kRsaBitsMax / 8) return bad("a modulus of at most 8192 bits");
  if (exponent.size() > kExponentBitsMax / 8) return bad("an exponent of at most 32 bits");
  const Number n = number_of(modulus);
  const Number e = number_of(exponent);
  const int bits = ::BN_num_bits(n.get());
  if (bits < kRsaBitsMin) return bad(fmt::format("a modulus of at least 2048 bits, got {}", bits));
  if (::BN_is_odd(n.get()) == 0) return bad("an odd modulus");
  if (::BN_is_odd(e.get()) == 0 || ::BN_get_word(e.get()) < kExponentMin) {
    return bad("an odd exponent of at least 65537");
  }
  const ParamsBuilder builder(::OSSL_PARAM_BLD_new());
  ::OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  ::OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  auto key = make_key("RSA", Params(::OSSL_PARAM_BLD_to_param(builder.get())));
  if (key == nullptr) return bad("a key that can be used");
  return PublicKey(std::move(key), {Algorithm::Rs256, Algorithm::Ps256});
}

base::Result<PublicKey> PublicKey::p256(std::string_view x, std::string_view y) {
  if (x.size() != kCoordinateBytes || y.size() != kCoordinateBytes) {
    return Error(
        Code::Invalid,
        fmt::format("P-256: expected coordinates of 32 bytes, got {} and {}", x.size(), y.size()));
  }
  std::string point = "\x04";  // Not compressed.
  point.append(x).append(y);
  const ParamsBuilder builder(::OSSL_PARAM_BLD_new());
  ::OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
  ::OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                     point.size());
  auto key = make_key("EC", Params(::OSSL_PARAM_BLD_to_param(builder.get())));
  if (key == nullptr || !is_on_curve(*key)) {
    return Error(Code::Invalid, "P-256: expected a point on the curve");
  }
  return PublicKey(std::move(key), {Algorithm::Es256});
}

base::Result<PublicKey> PublicKey::ed25519(std::string_view point) {
  std::shared_ptr<EVP_PKEY> key;
  if (point.size() == kEd25519Bytes) {
    key.reset(
        ::EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(point), point.size()),
        ::EVP_PKEY_free);
  }
  ::ERR_clear_error();
  if (key == nullptr) {
    return Error(Code::Invalid, fmt::format("Ed25519: expected 32 bytes, got {}", point.size()));
  }
  return PublicKey(std::move(key), {Algorithm::EdDsa});
}

bool PublicKey::verifies(Algorithm algorithm, std::string_view message,
                         std::string_view signature) const {
  if (!algorithms_.contains(algorithm)) return false;
  std::vector<unsigned char> der;
  if (algorithm == Algorithm::Es256) {
    der = der_of(signature);
    if (der.empty()) return false;
    signature = {reinterpret_cast<const char*>(der.data()), der.size()};
  }
  const DigestContext context(::EVP_MD_CTX_new());
  EVP_PKEY_CTX* of_key = nullptr;
  const EVP_MD* const digest = algorithm == Algorithm::EdDsa ? nullptr : ::EVP_sha256();
  const bool valid =
      context != nullptr &&
      ::EVP_DigestVerifyInit(context.get(), &of_key, digest, nullptr, key_.get()) == 1 &&
      set_padding(of_key, algorithm) &&
      ::EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message),
                         message.size()) == 1;
  ::ERR_clear_error();
  return valid;
}

}  // namespace auth
