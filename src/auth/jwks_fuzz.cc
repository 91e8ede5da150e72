#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "auth/discovery.h"
#include "auth/jwks.h"

// A set that is taken keeps to its bounds, reads the same again, and no key of it takes what nobody
// signed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto keys = auth::TokenKeys::parse(text); keys.ok()) {
    if (keys->keys().size() + keys->refused().size() > auth::kTokenKeysMax) std::abort();
    for (const auth::TokenKey& key : keys->keys()) {
      if (key.algorithms.empty() || key.id.size() > 256) std::abort();
      if (!key.id.empty() && keys->find(key.id) != &key) std::abort();
      for (const auto algorithm : {auth::Algorithm::Rs256, auth::Algorithm::Ps256,
                                   auth::Algorithm::Es256, auth::Algorithm::EdDsa}) {
        if (key.key.verifies(algorithm, "text", text.substr(0, 64))) std::abort();
        const auth::TokenKey* const only = keys->find_only(algorithm);
        if (only != nullptr && !only->algorithms.contains(algorithm)) std::abort();
      }
    }
    const auto again = auth::TokenKeys::parse(text);
    if (!again.ok() || again->digest() != keys->digest()) std::abort();
  }
  const auto uri = auth::parse_discovery(text, "https://i.example");
  if (uri.ok() && text.find("jwks_uri") == std::string_view::npos &&
      text.find('\\') == std::string_view::npos) {
    std::abort();
  }
  return 0;
}
