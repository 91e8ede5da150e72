#include "auth/credential.h"

#include <cstddef>

namespace auth {
namespace {

constexpr std::string_view kScheme = "bearer ";

// Whether `text` is the lower-case `word` but for the case of its letters.
bool is_word(std::string_view text, std::string_view word) {
  if (text.size() != word.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c) != word[i]) return false;
  }
  return true;
}

}  // namespace

void CredentialReader::see(std::string_view name, std::string_view value) {
  const bool authorization = is_word(name, "authorization");
  if (!authorization && !is_word(name, "x-api-key")) return;
  auto& seen = authorization ? bearer_ : api_key_;
  if (authorization) {
    if (!is_word(value.substr(0, kScheme.size()), kScheme)) {
      unclear_ = true;
      return;
    }
    value.remove_prefix(kScheme.size());
    while (value.starts_with(' ')) value.remove_prefix(1);
  }
  if (seen || value.empty()) unclear_ = true;
  seen = value;
}

Credential CredentialReader::credential() const {
  if (unclear_ || (bearer_ && api_key_ && *bearer_ != *api_key_)) {
    return {Credential::Kind::Unclear, {}};
  }
  if (bearer_) return {Credential::Kind::Key, *bearer_, true};
  if (api_key_) return {Credential::Kind::Key, *api_key_};
  return {};
}

}  // namespace auth
