#include "model/reference.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/text.h"
#include "model/recipe.h"

namespace model {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kKeyMax = 63;
constexpr std::size_t kValueMax = 1024;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

base::Result<std::int64_t> parse_number(std::string_view text, std::string_view digits) {
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  // "faq:03" would be a second way to write faq:3.
  const bool whole = problem == std::errc{} && end == digits.data() + digits.size();
  if (whole && number > 0 && digits.front() != '0') return number;
  return Error(Code::Invalid,
               fmt::format("reference {}: expected the number of a version behind the colon, from "
                           "1, got {}",
                           base::quote(text), base::quote(digits)));
}

}  // namespace

base::Result<void> check_alias(std::string_view alias) {
  if (check_name(alias).ok()) return {};
  return Error(Code::Invalid,
               fmt::format("alias {}: expected up to 128 of a-z, 0-9, . _ -, the first a letter or "
                           "digit",
                           base::quote(alias)));
}

base::Result<void> check_label(std::string_view key, std::string_view value) {
  const bool good_key = !key.empty() && key.size() <= kKeyMax && is_word(key.front()) &&
                        std::all_of(key.begin(), key.end(), [](char c) {
                          return is_word(c) || c == '.' || c == '_' || c == '-' || c == '/';
                        });
  if (!good_key) {
    return Error(Code::Invalid,
                 fmt::format("label {}: expected a key of up to {} of A-Za-z0-9._/-, the first a "
                             "letter or digit",
                             base::quote(key), kKeyMax));
  }
  const bool good_value = value.size() <= kValueMax && !base::find_invalid_utf8(value) &&
                          std::none_of(value.begin(), value.end(), [](char c) {
                            return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
                          });
  if (good_value) return {};
  return Error(Code::Invalid,
               fmt::format("label {}: expected a value of up to {} bytes of UTF-8 without control "
                           "characters, got {}",
                           base::quote(key), kValueMax, base::quote(value)));
}

base::Result<Reference> Reference::parse(std::string_view text) {
  Reference reference;
  const std::size_t mark = text.find_first_of(":@");
  reference.name = text.substr(0, mark);
  TRY(check_name(reference.name));
  if (mark == std::string_view::npos) return reference;
  const std::string_view rest = text.substr(mark + 1);
  if (text[mark] == ':') {
    TRY_ASSIGN(reference.which, parse_number(text, rest));
  } else if (rest.find(':') != std::string_view::npos) {
    TRY_ASSIGN(reference.which, base::Digest::parse(rest));
  } else {
    TRY(check_alias(rest));
    reference.which = Alias{std::string(rest)};
  }
  return reference;
}

std::string Reference::text() const {
  if (const auto* number = std::get_if<std::int64_t>(&which)) {
    return fmt::format("{}:{}", name, *number);
  }
  if (const auto* alias = std::get_if<Alias>(&which)) return name + "@" + alias->name;
  if (const auto* digest = std::get_if<base::Digest>(&which)) return name + "@" + digest->text();
  return name;
}

}  // namespace model
