#include <algorithm>
#include <cstddef>

#include "telemetry/secrets.h"

// What is a secret because of the place where it stands: behind the name of an authentication
// scheme, before the @ of a URL or of an address of e-mail.

namespace telemetry {
namespace {

constexpr std::size_t kCredentialMin = 8;
constexpr std::size_t kLongCredential = 20;
constexpr std::size_t kSchemeBlanksMax = 8;
constexpr std::size_t kUserMin = 20;  // A user's name of that length is a token.
constexpr std::size_t kPasswordBytesMax = 256;
constexpr std::size_t kLocalMax = 64;
constexpr std::size_t kDomainMax = 255;

bool in_credential(char c) {
  return is_of(c, kIsRun) || c == '.' || c == '~' || c == '=' || c == '%';
}

// "Bearer authentication" is English, "Bearer x7Rk..." is not.
bool looks_like_credential(std::string_view text) {
  if (text.size() < kCredentialMin) return false;
  if (text.size() >= kLongCredential) return true;
  const auto odd = [](char c) { return !is_of(c, kIsLower) && c != '-' && c != '.'; };
  return std::any_of(text.begin() + 1, text.end(), odd);
}

// The end of the name of a scheme that begins at `at`, else `at`.
std::size_t end_of_scheme(std::string_view text, std::size_t at) {
  for (const std::string_view scheme : {"bearer", "basic", "negotiate", "ntlm", "sharedkey"}) {
    if (has_word_at(text, at, scheme) && at + scheme.size() < text.size() &&
        is_of(text[at + scheme.size()], kIsSpace)) {
      return at + scheme.size();
    }
  }
  return at;
}

bool ends_authority(char c) {
  return is_of(c, kIsSpace) || c == '"' || c == '\'' || c == '<' || c == '>' || c == '\\';
}

bool is_port(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return is_of(c, kIsDigit); });
}

// Where the user information of a URL whose authority begins at `at` ends: its '@'; else `at`.
std::size_t end_of_userinfo(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && !ends_authority(text[end]) && text[end] != '/' && text[end] != '?' &&
         text[end] != '#') {
    ++end;
  }
  const std::string_view authority = text.substr(at, end - at);
  if (const std::size_t sign = authority.rfind('@'); sign != std::string_view::npos) {
    const bool secret =
        authority.substr(0, sign).find(':') != std::string_view::npos || sign >= kUserMin;
    return secret ? at + sign : at;
  }
  // A password that should have been encoded: what stands behind its colon is no port.
  const std::size_t colon = authority.find(':');
  if (colon == std::string_view::npos || is_port(authority.substr(colon + 1))) return at;
  const std::size_t last = std::min(text.size(), end + kPasswordBytesMax);
  std::size_t sign = at;
  for (std::size_t i = end; i < last && !ends_authority(text[i]); ++i) {
    if (text[i] == '@') sign = i;
  }
  return sign;
}

// Names of units of systemd look like addresses.
bool is_unit(std::string_view top) {
  for (const std::string_view unit : {"service", "socket", "timer", "target", "mount", "slice",
                                      "scope", "path", "device", "swap"}) {
    if (top == unit) return true;
  }
  return false;
}

bool is_domain(std::string_view text) {
  const std::size_t dot = text.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return false;
  const std::string_view top = text.substr(dot + 1);
  const bool letters =
      std::all_of(top.begin(), top.end(), [](char c) { return is_of(c, kIsLower | kIsUpper); });
  return top.size() >= 2 && letters && !is_unit(top);
}

}  // namespace

void find_schemes(std::string_view text, Secrets& found) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t scheme_end = begins_word(text, at) ? end_of_scheme(text, at) : at;
    if (scheme_end == at) {
      ++at;
      continue;
    }
    const std::size_t begin = end_of_run(text, scheme_end, kIsSpace, kSchemeBlanksMax);
    std::size_t end = begin;
    while (end < text.size() && in_credential(text[end])) ++end;
    // A full stop behind it is the sentence's.
    while (end > begin && text[end - 1] == '.') --end;
    if (looks_like_credential(text.substr(begin, end - begin))) {
      found.push_back({begin, end, "credential"});
    }
    at = std::max(end, scheme_end);
  }
}

void find_userinfo(std::string_view text, Secrets& found) {
  constexpr std::string_view kSign = "://";
  std::size_t at = text.find(kSign);
  while (at != std::string_view::npos) {
    const std::size_t begin = at + kSign.size();
    const std::size_t end = end_of_userinfo(text, begin);
    if (end > begin && !text.substr(begin, end - begin).starts_with(kMarker)) {
      found.push_back({begin, end, "userinfo"});
    }
    at = text.find(kSign, end);
  }
}

void find_emails(std::string_view text, Secrets& found) {
  for (std::size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
    std::size_t begin = at;
    while (begin > 0 && at - begin < kLocalMax && is_of(text[begin - 1], kIsMail)) --begin;
    std::size_t end = at + 1;
    while (end < text.size() && end - at <= kDomainMax &&
           (is_of(text[end], kIsAlnum) || text[end] == '-' || text[end] == '.')) {
      ++end;
    }
    while (end > at && !is_of(text[end - 1], kIsAlnum)) --end;
    if (begin < at && end > at && is_domain(text.substr(at + 1, end - at - 1))) {
      found.push_back({begin, end, "email"});
    }
  }
}

}  // namespace telemetry
