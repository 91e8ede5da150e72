#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <unordered_map>
#include <utility>

#include "auth/claims.h"
#include "base/digest.h"
#include "threads/guarded.h"

namespace front {

// Who tokens are of that were checked before, by the SHA-256 of each: a token that comes again
// costs a hash. At most kTokensMax; what was not asked for while half of them came anew is
// forgotten. Only accepted tokens are kept, so strangers cannot fill it. Any thread may call it.
class TokenCache {
 public:
  static constexpr std::size_t kTokensMax = 4096;
  using Known = std::shared_ptr<const auth::TokenIdentity>;

  Known find(const base::Digest& token) {
    auto tokens = tokens_.lock();
    if (const auto at = tokens->young.find(token); at != tokens->young.end()) return at->second;
    const auto at = tokens->old.find(token);
    if (at == tokens->old.end()) return nullptr;
    Known known = std::move(at->second);
    tokens->old.erase(at);
    keep(*tokens, token, known);
    return known;
  }

  void keep(const base::Digest& token, Known known) {
    auto tokens = tokens_.lock();
    keep(*tokens, token, std::move(known));
  }

  std::size_t size() {
    auto tokens = tokens_.lock();
    return tokens->young.size() + tokens->old.size();
  }

 private:
  struct Hash {
    std::size_t operator()(const base::Digest& digest) const {
      std::size_t hash = 0;
      std::memcpy(&hash, digest.bytes().data(), sizeof hash);
      return hash;
    }
  };
  using Map = std::unordered_map<base::Digest, Known, Hash>;
  struct Tokens {
    Map young;
    Map old;
  };

  static void keep(Tokens& tokens, const base::Digest& token, Known known) {
    if (tokens.young.size() >= kTokensMax / 2) tokens.old = std::exchange(tokens.young, {});
    tokens.young.insert_or_assign(token, std::move(known));
  }

  threads::Guarded<Tokens> tokens_;
};

}  // namespace front
