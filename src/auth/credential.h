#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace auth {

// What a request's header fields hold by way of a credential.
struct Credential {
  enum class Kind : std::uint8_t {
    None,
    Key,      // Or a token: bearer ones come as Bearer.
    Unclear,  // Several that differ, one field twice, another scheme than Bearer, or nothing in it.
  };
  Kind kind = Kind::None;
  std::string_view text;  // Of a Key: a view of the field's value.
  bool bearer = false;    // Came as Bearer, perhaps as x-api-key too.
};

// Takes the credential out of header fields: `Authorization: Bearer <key>` or `x-api-key: <key>`,
// or both with the same key. Show it every field of the request.
class CredentialReader {
 public:
  void see(std::string_view name, std::string_view value);
  Credential credential() const;

 private:
  std::optional<std::string_view> bearer_;
  std::optional<std::string_view> api_key_;
  bool unclear_ = false;
};

}  // namespace auth
