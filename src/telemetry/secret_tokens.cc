#include <array>
#include <cstddef>
#include <optional>

#include "telemetry/secrets.h"

// Tokens that their makers gave a form of its own, so that leaks can be found.

namespace telemetry {
namespace {

// What stands behind a prefix.
enum class Tail : std::uint8_t { Alnum, Url64, Dotted };

struct TokenForm {
  std::string_view prefix;
  std::size_t tail_min;
  Tail tail;
  std::string_view kind;
};

constexpr TokenForm kTokenForms[] = {
    {"AKIA", 16, Tail::Alnum, "aws key"},
    {"ASIA", 16, Tail::Alnum, "aws key"},
    {"ABIA", 16, Tail::Alnum, "aws key"},
    {"ACCA", 16, Tail::Alnum, "aws key"},
    {"AIza", 30, Tail::Url64, "google key"},
    {"GOCSPX-", 16, Tail::Url64, "google key"},
    {"ya29.", 16, Tail::Dotted, "google key"},
    {"ghp_", 20, Tail::Alnum, "github token"},
    {"gho_", 20, Tail::Alnum, "github token"},
    {"ghu_", 20, Tail::Alnum, "github token"},
    {"ghs_", 20, Tail::Alnum, "github token"},
    {"ghr_", 20, Tail::Alnum, "github token"},
    {"github_pat_", 20, Tail::Url64, "github token"},
    {"glpat-", 16, Tail::Dotted, "gitlab token"},
    {"xoxb-", 15, Tail::Url64, "slack token"},
    {"xoxp-", 15, Tail::Url64, "slack token"},
    {"xoxa-", 15, Tail::Url64, "slack token"},
    {"xoxr-", 15, Tail::Url64, "slack token"},
    {"xoxs-", 15, Tail::Url64, "slack token"},
    {"xoxe.", 15, Tail::Dotted, "slack token"},
    {"xapp-", 15, Tail::Url64, "slack token"},
    {"sk_live_", 16, Tail::Alnum, "stripe key"},
    {"rk_live_", 16, Tail::Alnum, "stripe key"},
    {"sk_test_", 16, Tail::Alnum, "stripe key"},
    {"sk-", 20, Tail::Url64, "api key"},
    {"hf_", 24, Tail::Alnum, "hugging face token"},
    {"npm_", 24, Tail::Alnum, "npm token"},
    {"pypi-", 24, Tail::Url64, "pypi token"},
    {"dckr_pat_", 16, Tail::Url64, "docker token"},
    {"dapi", 30, Tail::Alnum, "databricks token"},
    {"dop_v1_", 24, Tail::Alnum, "digitalocean token"},
    {"hvs.", 16, Tail::Url64, "vault token"},
    {"SG.", 30, Tail::Dotted, "sendgrid key"},
};

bool in_tail(char c, Tail tail) {
  switch (tail) {
    case Tail::Alnum: return is_of(c, kIsAlnum);
    case Tail::Url64: return is_of(c, kIsUrl64);
    case Tail::Dotted: return is_of(c, kIsUrl64) || c == '.';
  }
  return false;
}

constexpr std::array<bool, 256> make_first_characters() {
  std::array<bool, 256> first{};
  for (const TokenForm& form : kTokenForms) {
    first[static_cast<unsigned char>(form.prefix.front())] = true;
  }
  return first;
}
constexpr std::array<bool, 256> kFirstCharacters = make_first_characters();

// The end of a tail that is long enough and has a digit soon: words parted by '-' are no token
// ("sk-learn-contrib"). Looks at few characters where it finds none, so that time stays linear.
std::size_t end_of_tail(std::string_view rest, const TokenForm& form) {
  constexpr std::size_t kDigitWithin = 40;
  const std::size_t begin = form.prefix.size();
  std::size_t end = begin;
  bool digit = false;
  for (; end < rest.size() && in_tail(rest[end], form.tail); ++end) {
    digit = digit || is_of(rest[end], kIsDigit);
    if (!digit && end - begin >= kDigitWithin) return 0;
  }
  return digit && end - begin >= form.tail_min ? end : 0;
}

std::optional<Secret> known_form_at(std::string_view text, std::size_t at) {
  if (!kFirstCharacters[static_cast<unsigned char>(text[at])]) return std::nullopt;
  const std::string_view rest = text.substr(at);
  for (const TokenForm& form : kTokenForms) {
    if (form.prefix.front() != rest.front() || !rest.starts_with(form.prefix)) continue;
    if (const std::size_t end = end_of_tail(rest, form); end > 0) {
      return Secret{at, at + end, form.kind};
    }
  }
  return std::nullopt;
}

// sooth_<16 of a-z2-7>.<secret>: without a secret behind it an id is public.
std::optional<Secret> sooth_key_at(std::string_view text, std::size_t at) {
  constexpr std::string_view kPrefix = "sooth_";
  constexpr std::size_t kIdLetters = 16;
  const std::string_view rest = text.substr(at);
  const std::size_t dot = kPrefix.size() + kIdLetters;
  if (!rest.starts_with(kPrefix) || rest.size() <= dot + 1 || rest[dot] != '.') return std::nullopt;
  for (std::size_t i = kPrefix.size(); i < dot; ++i) {
    if (!is_of(rest[i], kIsLower | kIsDigit)) return std::nullopt;
  }
  std::size_t end = dot;
  while (end < rest.size() && (is_of(rest[end], kIsAlnum) || rest[end] == '.')) ++end;
  return Secret{at, at + end, "sooth key"};
}

// Three or five parts of base64url, of which the first is JSON: {" in base64 is eyJ.
class JwtFinder {
 public:
  explicit JwtFinder(std::string_view text) : text_(text) {}

  std::optional<Secret> at(std::size_t begin) {
    constexpr std::size_t kPartMin = 10;
    if (!text_.substr(begin).starts_with("eyJ")) return std::nullopt;
    // Found once for all that begins in one run, so that time stays linear.
    if (begin >= run_end_) run_end_ = end_of_run(text_, begin, kIsUrl64);
    if (run_end_ - begin < kPartMin || run_end_ >= text_.size() || text_[run_end_] != '.') {
      return std::nullopt;
    }
    std::size_t end = run_end_;
    while (end < text_.size() && (is_of(text_[end], kIsUrl64) || text_[end] == '.')) ++end;
    if (end - run_end_ < kPartMin) return std::nullopt;
    return Secret{begin, end, "jwt"};
  }

 private:
  const std::string_view text_;
  std::size_t run_end_ = 0;
};

}  // namespace

void find_known_tokens(std::string_view text, Secrets& found) {
  JwtFinder jwts(text);
  for (std::size_t at = 0; at < text.size();) {
    if (!is_of(text[at], kIsAlnum) || !begins_word(text, at)) {
      ++at;
      continue;
    }
    auto secret = known_form_at(text, at);
    if (!secret) secret = sooth_key_at(text, at);
    if (!secret) secret = jwts.at(at);
    if (secret) found.push_back(*secret);
    at = secret ? secret->end : at + 1;
  }
}

void find_pem(std::string_view text, Secrets& found) {
  constexpr std::string_view kBegin = "-----BEGIN";
  constexpr std::string_view kEnd = "-----END";
  constexpr std::string_view kDashes = "-----";
  std::size_t at = text.find(kBegin);
  while (at != std::string_view::npos) {
    std::size_t end = text.find(kEnd, at);
    if (end != std::string_view::npos) end = text.find(kDashes, end + kEnd.size());
    end = end == std::string_view::npos ? text.size() : end + kDashes.size();
    found.push_back({at, end, "pem"});
    at = text.find(kBegin, end);
  }
}

}  // namespace telemetry
