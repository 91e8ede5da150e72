#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "auth/credential.h"
#include "auth/key.h"
#include "auth/key_set.h"

// A file that is accepted writes itself so that it reads back the same, and no text that was not
// minted opens anything.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto set = auth::KeySet::parse(text); set.ok()) {
    const auto again = auth::KeySet::parse(set->json());
    if (!again.ok() || again->records() != set->records()) std::abort();
    if (set->check(text, "faq", auth::Scope::Score, auth::Timestamp()).ok()) std::abort();
  }
  auth::CredentialReader reader;
  reader.see("Authorization", text);
  const auth::Credential credential = reader.credential();
  if (credential.kind == auth::Credential::Kind::Key && !text.ends_with(credential.text)) {
    std::abort();
  }
  if (const auto key = auth::PresentedKey::parse(text)) {
    if (!auth::is_key_id(key->id) || !text.starts_with(key->body)) std::abort();
  }
  return 0;
}
