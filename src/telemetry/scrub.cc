#include "telemetry/scrub.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "telemetry/bounded_text.h"
#include "telemetry/secrets.h"

namespace telemetry {
namespace {

constexpr int kDecodingsMax = 2;
constexpr int kPassesMax = 4;
// Nothing that is found by its own form has fewer characters in a row, or digits at all.
constexpr std::size_t kTokenRunMin = 20;
constexpr std::size_t kRandomRunMin = 32;
constexpr std::size_t kNumberDigitsMin = 10;
constexpr std::size_t kPemDashesMin = 5;

// A text whose %XX are decoded, and where each of its bytes came from.
struct Decoded {
  std::string text;
  std::vector<std::uint32_t> from;  // One more than bytes: the end.
};

std::optional<int> hex_at(std::string_view text, std::size_t at) {
  if (at >= text.size() || !is_of(text[at], kIsHex)) return std::nullopt;
  const char c = lower(text[at]);
  return c <= '9' ? c - '0' : c - 'a' + 10;
}

// Nothing where nothing is encoded.
std::optional<Decoded> decode(std::string_view text) {
  if (text.find('%') == std::string_view::npos) return std::nullopt;
  Decoded decoded;
  for (std::size_t at = 0; at < text.size();) {
    decoded.from.push_back(static_cast<std::uint32_t>(at));
    const auto high = text[at] == '%' ? hex_at(text, at + 1) : std::nullopt;
    const auto low = high ? hex_at(text, at + 2) : std::nullopt;
    decoded.text += low ? static_cast<char>(*high * 16 + *low) : text[at];
    at += low ? 3 : 1;
  }
  if (decoded.text.size() == text.size()) return std::nullopt;
  decoded.from.push_back(static_cast<std::uint32_t>(text.size()));
  return decoded;
}

bool is_scheme(std::string_view word) {
  for (const std::string_view scheme : {"bearer", "basic", "negotiate", "ntlm", "sharedkey"}) {
    if (word.size() >= scheme.size() && has_word_at(word, word.size() - scheme.size(), scheme)) {
      return true;
    }
  }
  return false;
}

// What of a text could belong to a secret, found in one quick pass.
class Signs {
 public:
  std::size_t run_max = 0;  // Characters of tokens in a row, with dots between them.
  std::size_t digits = 0;
  std::size_t dashes = 0;
  bool pair = false;
  bool url = false;
  bool at = false;
  bool encoded = false;
  bool scheme = false;

  explicit Signs(std::string_view text) {
    std::size_t run = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (is_of(c, kIsRun)) {
        ++run;
        digits += is_of(c, kIsDigit) ? 1 : 0;
        dashes += c == '-' ? 1 : 0;
      } else if (c != '.') {
        run_max = std::max(run_max, run);
        take_sign(text, i, run);
        run = 0;
      }
    }
    run_max = std::max(run_max, run);
  }

  bool any() const {
    return run_max >= kTokenRunMin || digits >= kNumberDigitsMin || dashes >= kPemDashesMin ||
           pair || at || encoded || scheme;
  }

 private:
  void take_sign(std::string_view text, std::size_t i, std::size_t run) {
    const char c = text[i];
    pair = pair || c == '=' || c == ':';
    url = url || (c == ':' && text.substr(i).starts_with("://"));
    at = at || c == '@';
    encoded = encoded || c == '%';
    scheme = scheme || (run >= 4 && is_of(c, kIsSpace) && is_scheme(text.substr(i - run, run)));
  }
};

void find_plain(std::string_view text, Secrets& found) {
  const Signs signs(text);
  if (signs.pair) find_pairs(text, found);
  if (signs.dashes >= kPemDashesMin) find_pem(text, found);
  if (signs.run_max >= kTokenRunMin) find_known_tokens(text, found);
  if (signs.url) find_userinfo(text, found);
  if (signs.scheme) find_schemes(text, found);
  if (signs.run_max >= kRandomRunMin) find_random_runs(text, found);
  if (signs.at) find_emails(text, found);
  if (signs.digits >= kNumberDigitsMin) find_numbers(text, found);
}

// In the text as it stands, and as it is once and twice decoded.
Secrets find_secrets(std::string_view text) {
  Secrets found;
  find_plain(text, found);
  std::vector<Decoded> levels;
  for (int i = 0; i < kDecodingsMax; ++i) {
    auto decoded = decode(levels.empty() ? text : std::string_view(levels.back().text));
    if (!decoded) break;
    levels.push_back(*std::move(decoded));
    Secrets inside;
    find_plain(levels.back().text, inside);
    for (Secret secret : inside) {
      for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
        secret.begin = level->from[secret.begin];
        secret.end = level->from[secret.end];
      }
      found.push_back(secret);
    }
  }
  return found;
}

// What overlaps is one secret, of the kind of its first.
void merge(Secrets& secrets) {
  std::stable_sort(secrets.begin(), secrets.end(),
                   [](const Secret& a, const Secret& b) { return a.begin < b.begin; });
  std::size_t kept = 0;
  for (const Secret& secret : secrets) {
    if (kept > 0 && secret.begin < secrets[kept - 1].end) {
      secrets[kept - 1].end = std::max(secrets[kept - 1].end, secret.end);
    } else {
      secrets[kept++] = secret;
    }
  }
  secrets.erase(secrets.begin() + static_cast<std::ptrdiff_t>(kept), secrets.end());
}

// Nothing where there is nothing to take out.
std::optional<std::string> scrub_once(std::string_view text) {
  Secrets secrets = find_secrets(text);
  if (secrets.empty()) return std::nullopt;
  merge(secrets);
  std::string out;
  std::size_t at = 0;
  for (const Secret& secret : secrets) {
    out.append(text.substr(at, secret.begin - at)).append(kMarker);
    out.append(": ").append(secret.kind).append("]");
    at = secret.end;
  }
  out.append(text.substr(at));
  return out;
}

}  // namespace

bool may_hold_secret(std::string_view text) { return Signs(text).any(); }

std::string scrub(std::string_view text) {
  std::string out(cut_text(text, kScrubBytesMax));
  // What is left may look otherwise than before, where it was cut out of something.
  for (int pass = 0; pass < kPassesMax; ++pass) {
    auto next = scrub_once(out);
    if (!next || *next == out) return out;
    out = *std::move(next);
  }
  return std::string(kMarker) + "]";
}

}  // namespace telemetry
