#include <array>
#include <cstddef>

#include "telemetry/secrets.h"

// Numbers of payment cards (ISO/IEC 7812) and of bank accounts (IBAN, ISO 13616), where their check
// digits are right.

namespace telemetry {
namespace {

constexpr std::size_t kCardDigitsMin = 13;
constexpr std::size_t kCardDigitsMax = 19;
constexpr std::size_t kGroupMin = 4;
constexpr std::size_t kGroupMax = 6;
constexpr std::size_t kIbanMin = 15;
constexpr std::size_t kIbanMax = 34;
constexpr std::size_t kIbanDigitsMin = 10;  // Fewer than any country's have.

struct Digits {
  std::array<char, kCardDigitsMax + 1> values{};
  std::size_t count = 0;
  std::size_t end = 0;

  std::string_view view() const { return {values.data(), count}; }
};

// The digits at `at`, whole or in groups of four to six parted by single blanks or dashes.
Digits read_digits(std::string_view text, std::size_t at) {
  Digits digits;
  while (digits.count <= kCardDigitsMax) {
    const std::size_t end = end_of_run(text, at, kIsDigit, kCardDigitsMax + 1 - digits.count);
    const std::size_t group = end - at;
    if (digits.count > 0 && (group < kGroupMin - 1 || group > kGroupMax)) break;
    for (; at < end; ++at) digits.values[digits.count++] = text[at];
    digits.end = end;
    const bool parted = end + 1 < text.size() && (text[end] == ' ' || text[end] == '-') &&
                        is_of(text[end + 1], kIsDigit) && group >= kGroupMin && group <= kGroupMax;
    if (!parted) break;
    at = end + 1;
  }
  return digits;
}

bool is_card_length(std::string_view digits) {
  const std::size_t size = digits.size();
  const int two = (digits[0] - '0') * 10 + (digits[1] - '0');
  if (digits[0] == '4') return size == 13 || size == 16 || size == 19;
  if ((two >= 51 && two <= 55) || (two >= 22 && two <= 27)) return size == 16;
  if (two == 34 || two == 37) return size == 15;
  if (two == 30 || two == 36 || two == 38 || two == 39) return size >= 14;
  if (two == 35) return size >= 16;
  return digits[0] == '6' && size >= 16;
}

bool passes_luhn(std::string_view digits) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    int value = digits[digits.size() - 1 - i] - '0';
    if (i % 2 == 1) value = value > 4 ? 2 * value - 9 : 2 * value;
    sum += value;
  }
  return sum % 10 == 0;
}

// A fraction or a part of a longer number is no card.
bool is_card(std::string_view text, std::size_t at, const Digits& digits) {
  if (digits.count < kCardDigitsMin || digits.count > kCardDigitsMax) return false;
  if (at > 0 && text[at - 1] == '.') return false;
  if (!ends_word(text, digits.end)) return false;
  return is_card_length(digits.view()) && passes_luhn(digits.view());
}

// Where an IBAN begins at `at`, its end; else `at`.
std::size_t end_of_iban(std::string_view text, std::size_t at) {
  const std::size_t end = end_of_run(text, at, kIsUpper | kIsDigit, kIbanMax + 1);
  if (end - at < kIbanMin || end - at > kIbanMax || !ends_word(text, end)) return at;
  const std::string_view iban = text.substr(at, end - at);
  if (!is_of(iban[0], kIsUpper) || !is_of(iban[1], kIsUpper) || !is_of(iban[2], kIsDigit) ||
      !is_of(iban[3], kIsDigit)) {
    return at;
  }
  std::size_t digits = 0;
  for (const char c : iban) digits += is_of(c, kIsDigit) ? 1 : 0;
  if (digits < kIbanDigitsMin) return at;
  // The first four characters count last, letters as 10 to 35.
  unsigned remainder = 0;
  for (std::size_t i = 0; i < iban.size(); ++i) {
    const char c = iban[(i + 4) % iban.size()];
    const bool digit = is_of(c, kIsDigit);
    const auto value = static_cast<unsigned>(digit ? c - '0' : c - 'A' + 10);
    remainder = (remainder * (digit ? 10 : 100) + value) % 97;
  }
  return remainder == 1 ? end : at;
}

}  // namespace

void find_numbers(std::string_view text, Secrets& found) {
  for (std::size_t at = 0; at < text.size();) {
    if (!is_of(text[at], kIsAlnum)) {
      ++at;
      continue;
    }
    const std::size_t word_end = end_of_run(text, at, kIsAlnum);
    if (is_of(text[at], kIsDigit)) {
      const Digits digits = read_digits(text, at);
      if (is_card(text, at, digits)) found.push_back({at, digits.end, "card"});
    } else if (const std::size_t end = end_of_iban(text, at); end != at) {
      found.push_back({at, end, "iban"});
    }
    at = word_end;
  }
}

}  // namespace telemetry
