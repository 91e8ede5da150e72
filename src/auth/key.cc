#include "auth/key.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <zlib.h>

#include "base/text.h"

// sooth_<id>.<secret>.<check>
//   id      16 of a-z2-7: 80 bits
//   secret  52 of a-z2-7: 260 bits
//   check   CRC-32 of everything before its dot, 8 lower-case hexadecimal digits
// Every character stands for five bits of its own, so that no two texts are the same key.

namespace auth {
namespace {

constexpr std::string_view kPrefix = "sooth_";
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::size_t kIdLetters = 16;
constexpr std::size_t kSecretLetters = 52;
constexpr std::size_t kCheckDigits = 8;
constexpr std::size_t kBodyBytes = kPrefix.size() + kIdLetters + 1 + kSecretLetters;
constexpr std::size_t kTextBytes = kBodyBytes + 1 + kCheckDigits;
constexpr std::size_t kNameBytesMax = 128;

bool is_letters(std::string_view text) {
  return text.find_first_not_of(kLetters) == std::string_view::npos;
}

std::string check_of(std::string_view body) {
  const uLong sum =
      ::crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return fmt::format("{:08x}", sum);
}

base::Result<std::string> random_letters(std::size_t count, const Random& random) {
  std::array<std::byte, kSecretLetters> bytes{};
  TRY(random(std::span(bytes).first(count)));
  std::string letters;
  letters.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    letters += kLetters[std::to_integer<std::size_t>(bytes[i]) % kLetters.size()];
  }
  ::OPENSSL_cleanse(bytes.data(), bytes.size());
  return letters;
}

bool is_client(std::string_view name) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  return !name.empty() && name.size() <= kNameBytesMax &&
         std::none_of(name.begin(), name.end(), control) && !base::find_invalid_utf8(name);
}

}  // namespace

bool covers(std::string_view granted, std::string_view asked) {
  return granted == kEveryEndpoint || granted == asked || asked == kSomeEndpoint;
}

bool is_endpoint(std::string_view name) {
  if (name == kEveryEndpoint) return true;
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= kNameBytesMax &&
         std::all_of(name.begin(), name.end(), allowed);
}

std::string_view slot_name(Slot slot) { return slot == Slot::Primary ? "primary" : "secondary"; }

std::optional<Slot> find_slot(std::string_view name) {
  for (const Slot slot : {Slot::Primary, Slot::Secondary}) {
    if (slot_name(slot) == name) return slot;
  }
  return std::nullopt;
}

bool is_key_id(std::string_view id) { return id.size() == kIdLetters && is_letters(id); }

base::Result<void> check_record(const KeyRecord& record) {
  const auto bad = [](std::string_view field, std::string_view value, std::string_view expected) {
    return base::Error(base::Code::Invalid,
                       fmt::format("{} {}: expected {}", field, base::quote(value), expected));
  };
  if (!is_key_id(record.id)) return bad("id", record.id, "16 of a-z and 2-7");
  if (!is_client(record.client)) {
    return bad("client", record.client, "1 to 128 bytes of text without control characters");
  }
  if (!is_endpoint(record.endpoint)) {
    return bad("endpoint", record.endpoint, "1 to 128 of a-z, 0-9, '.', '_' and '-', or *");
  }
  if (record.scope.empty()) return bad("scope", "", "score, metrics or manage");
  return {};
}

KeyText::~KeyText() { ::OPENSSL_cleanse(text_.data(), text_.size()); }

base::Result<MintedKey> mint(KeyRecord record, const Random& random) {
  if (record.id.empty()) {
    TRY_ASSIGN(record.id, random_letters(kIdLetters, random));
  }
  TRY(check_record(record));
  TRY_ASSIGN(std::string secret, random_letters(kSecretLetters, random));
  std::string text;
  // All of it at once: a string that grows leaves copies behind.
  text.reserve(kTextBytes);
  text.append(kPrefix).append(record.id).append(".").append(secret);
  ::OPENSSL_cleanse(secret.data(), secret.size());
  record.digest = base::Digest::of(std::string_view(text));
  const std::string check = check_of(text);
  text.append(".").append(check);
  return MintedKey{std::move(record), KeyText(std::move(text))};
}

bool has_key_form(std::string_view text) { return text.starts_with(kPrefix); }

std::optional<PresentedKey> PresentedKey::parse(std::string_view text) {
  if (text.size() != kTextBytes || !text.starts_with(kPrefix)) return std::nullopt;
  const std::string_view body = text.substr(0, kBodyBytes);
  const std::string_view id = body.substr(kPrefix.size(), kIdLetters);
  const std::string_view secret = body.substr(kBodyBytes - kSecretLetters);
  const bool dots = body[kPrefix.size() + kIdLetters] == '.' && text[kBodyBytes] == '.';
  if (!dots || !is_letters(id) || !is_letters(secret)) return std::nullopt;
  if (text.substr(kBodyBytes + 1) != check_of(body)) return std::nullopt;
  return PresentedKey{id, body};
}

bool opens(const PresentedKey& key, const base::Digest& kept) {
  const base::Digest digest = base::Digest::of(key.body);
  return ::CRYPTO_memcmp(digest.bytes().data(), kept.bytes().data(), base::Digest::kBytes) == 0;
}

}  // namespace auth
