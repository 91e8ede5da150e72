#include "base/named_hash.h"

#include <cstdlib>
#include <utility>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "base/text.h"

namespace base {
namespace {

// hashlib's names and OpenSSL's.
constexpr std::pair<std::string_view, const char*> kNamedHashes[] = {
    {"blake2b", "BLAKE2B-512"}, {"blake2s", "BLAKE2S-256"}, {"md5", "MD5"},
    {"sha1", "SHA1"},           {"sha224", "SHA2-224"},     {"sha256", "SHA2-256"},
    {"sha384", "SHA2-384"},     {"sha3_224", "SHA3-224"},   {"sha3_256", "SHA3-256"},
    {"sha3_384", "SHA3-384"},   {"sha3_512", "SHA3-512"},   {"sha512", "SHA2-512"},
};

// OpenSSL hashes without fail once it has memory.
void must_hash(int outcome) {
  if (outcome != 1) std::abort();
}

}  // namespace

struct NamedHash::Scratch::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> bytes{};
};

NamedHash::Scratch::Scratch(const NamedHash& hash) : state_(std::make_unique<State>()) {
  must_hash(state_->context != nullptr ? 1 : 0);
  must_hash(EVP_DigestInit_ex(state_->context, static_cast<const EVP_MD*>(hash.function_.get()),
                              nullptr));
}

NamedHash::Scratch::~Scratch() { EVP_MD_CTX_free(state_->context); }

Result<NamedHash> NamedHash::find(std::string_view name) {
  for (const auto& [python, openssl] : kNamedHashes) {
    if (python != name) continue;
    EVP_MD* function = EVP_MD_fetch(nullptr, openssl, nullptr);
    if (function == nullptr) break;
    NamedHash hash{std::string(name)};
    hash.function_ = std::shared_ptr<const void>(function, [](const void* held) {
      EVP_MD_free(static_cast<EVP_MD*>(const_cast<void*>(held)));
    });
    return hash;
  }
  return Error(Code::Unsupported,
               fmt::format("expected a hash function that this machine has, got {}", quote(name)));
}

std::span<const std::uint8_t> NamedHash::digest(std::string_view text, Scratch& scratch) const {
  Scratch::State& state = *scratch.state_;
  unsigned length = 0;
  must_hash(EVP_DigestUpdate(state.context, text.data(), text.size()));
  must_hash(EVP_DigestFinal_ex(state.context, state.bytes.data(), &length));
  // The function it was made for, once more.
  must_hash(EVP_DigestInit_ex(state.context, nullptr, nullptr));
  return std::span<const std::uint8_t>(state.bytes).first(length);
}

}  // namespace base
