#include "base/digest.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "base/text.h"

namespace base {
namespace {

constexpr std::string_view kPrefix = "sha256:";
constexpr std::string_view kDigits = "0123456789abcdef";

// OpenSSL hashes without fail once it has memory.
void must(int outcome) {
  if (outcome != 1) std::abort();
}

}  // namespace

Result<Digest> Digest::parse(std::string_view text) {
  const auto bad = [&] {
    return Error(Code::Invalid,
                 fmt::format("digest {}: expected \"sha256:\" and 64 of 0-9a-f", quote(text)));
  };
  if (!text.starts_with(kPrefix)) return bad();
  const std::string_view digits = text.substr(kPrefix.size());
  if (digits.size() != 2 * kBytes) return bad();
  Digest digest;
  for (std::size_t i = 0; i < kBytes; ++i) {
    const std::size_t high = kDigits.find(digits[2 * i]);
    const std::size_t low = kDigits.find(digits[2 * i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return bad();
    digest.bytes_[i] = static_cast<std::uint8_t>(16 * high + low);
  }
  return digest;
}

Result<Digest> Digest::from(Bytes bytes) {
  if (bytes.size() != kBytes) {
    return Error(Code::Invalid,
                 fmt::format("digest: expected {} bytes, got {}", kBytes, bytes.size()));
  }
  Digest digest;
  std::memcpy(digest.bytes_.data(), bytes.data(), kBytes);
  return digest;
}

Digest Digest::of(Bytes bytes) {
  Hasher hasher;
  hasher.update(bytes);
  return hasher.finish();
}

std::string Digest::hex() const {
  std::string text;
  text.reserve(2 * kBytes);
  for (const unsigned byte : bytes_) {
    text += kDigits[byte / 16];
    text += kDigits[byte % 16];
  }
  return text;
}

struct Hasher::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
};

Hasher::Hasher() : state_(std::make_unique<State>()) {
  must(state_->context != nullptr ? 1 : 0);
  must(EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr));
}

Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}

Hasher::~Hasher() {
  if (state_) EVP_MD_CTX_free(state_->context);
}

void Hasher::update(Bytes bytes) {
  must(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()));
}

Digest Hasher::finish() {
  Digest digest;
  must(EVP_DigestFinal_ex(state_->context, digest.bytes_.data(), nullptr));
  must(EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr));
  return digest;
}

}  // namespace base
