#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "auth/random.h"
#include "auth/scope.h"
#include "auth/timestamp.h"
#include "base/digest.h"
#include "base/result.h"

namespace auth {

// Each client has two keys for an endpoint, so that one can be replaced while the other is used.
enum class Slot : std::uint8_t { Primary, Secondary };
std::string_view slot_name(Slot slot);
std::optional<Slot> find_slot(std::string_view name);

// Stands for every endpoint in KeyRecord::endpoint.
inline constexpr std::string_view kEveryEndpoint = "*";
// Whichever: of a request that will say which, and be asked again. Never a name.
inline constexpr std::string_view kSomeEndpoint = "?";
// Whether it is that, or what an endpoint can be named: 1 to 128 of a-z, 0-9, '.', '_' and '-'.
bool is_endpoint(std::string_view name);
// Whether what is granted for `granted`, a name or every endpoint, holds for `asked`.
bool covers(std::string_view granted, std::string_view asked);

// What is kept of a key: all but its secret.
struct KeyRecord {
  std::string id;
  std::string client;    // Whose it is: 1 to 128 bytes without control characters.
  std::string endpoint;  // A name, or kEveryEndpoint.
  Scopes scope;
  Slot slot = Slot::Primary;
  Timestamp created;
  std::optional<Timestamp> expires;  // From then on it opens nothing.
  base::Digest digest = base::Digest::of(std::string_view());

  bool operator==(const KeyRecord&) const = default;
};

// Whether every field is what a record may hold; the error names the first that is not.
base::Result<void> check_record(const KeyRecord& record);
bool is_key_id(std::string_view id);

// The text of a key: wiped when it goes, and printed only by who asks for it by name.
class KeyText {
 public:
  explicit KeyText(std::string text) : text_(std::move(text)) {}
  KeyText(KeyText&&) = default;
  KeyText& operator=(KeyText&& other) noexcept {
    text_.swap(other.text_);  // Each is wiped where it goes.
    return *this;
  }
  ~KeyText();

  const std::string& reveal() const { return text_; }

 private:
  std::string text_;
};

// A new key: what is kept, and what is shown once.
struct MintedKey {
  KeyRecord record;
  KeyText text;
};

// Gives the record a secret, and an id where it has none.
base::Result<MintedKey> mint(KeyRecord record, const Random& random);

// Whether a credential claims to be a key, of whatever worth: no token begins like one.
bool has_key_form(std::string_view text);

// A key as a client presents it, in views of its text. Well-formed says nothing about accepted:
// both id and check are public.
struct PresentedKey {
  std::string_view id;
  std::string_view body;  // What the digest is of.

  static std::optional<PresentedKey> parse(std::string_view text);
};

// Whether the key is the one that `kept` is the digest of; takes as long whether it is or not.
bool opens(const PresentedKey& key, const base::Digest& kept);

}  // namespace auth
