#include <algorithm>
#include <array>

#include "telemetry/scrub.h"
#include "telemetry/secrets.h"

// What is a secret because of the name before it: password=..., "token": "...", Cookie: ...

namespace telemetry {
namespace {

constexpr std::size_t kPairNameMax = 64;
constexpr std::size_t kPairBlanksMax = 8;
constexpr std::size_t kMarkerBytesMax = 40;

// Ends of names, in lower case and without '_', '-' and '.'.
constexpr std::string_view kSecretEndings[] = {
    "password",      "passwd",     "passphrase", "passcode",         "pwd",
    "secret",        "token",      "apikey",     "accesskey",        "secretkey",
    "privatekey",    "accountkey", "sharedkey",  "authkey",          "encryptionkey",
    "signingkey",    "masterkey",  "primarykey", "secondarykey",     "subscriptionkey",
    "storagekey",    "credential", "sessionid",  "connectionstring", "accesssignature",
    "authorization", "cookie",     "bearer",     "credentials",      "sessionkey",
};
// Names that are ordinary words too: they count where '=' or a quoted name says that a value
// follows.
constexpr std::string_view kShortNames[] = {"pass", "auth", "sig",     "pin",    "otp",
                                            "jwt",  "sid",  "session", "pepper", "passwort"};
// The value of these fields is all that follows on the line.
constexpr std::string_view kFields[] = {"authorization", "proxyauthorization", "cookie",
                                        "setcookie"};
// How messages go on behind a colon that names a thing and not a value.
constexpr std::string_view kWords[] = {"expected", "got",  "missing", "required",
                                       "invalid",  "none", "not",     "no"};

// A name as it is compared.
class Name {
 public:
  explicit Name(std::string_view text) {
    for (const char c : text) {
      if (is_of(c, kIsAlnum) && size_ < letters_.size()) letters_[size_++] = lower(c);
    }
  }
  std::string_view view() const { return {letters_.data(), size_}; }

  template <std::size_t N>
  bool is_one_of(const std::string_view (&names)[N]) const {
    return std::find(std::begin(names), std::end(names), view()) != std::end(names);
  }
  bool has_secret_ending() const {
    return std::any_of(std::begin(kSecretEndings), std::end(kSecretEndings),
                       [this](std::string_view ending) { return view().ends_with(ending); });
  }

 private:
  std::array<char, kPairNameMax> letters_{};
  std::size_t size_ = 0;
};

bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }
bool is_closer(char c) { return c == ')' || c == '}' || c == ']' || c == '>'; }

// Reads the value of one pair. `sign` is where its '=' or ':' stands.
class PairReader {
 public:
  PairReader(std::string_view text, std::size_t sign) : text_(text), sign_(sign) {}

  // Where the value lies; empty where there is none, or none that is a secret.
  Secret read() {
    find_name();
    const Name name(text_.substr(name_begin_, name_end_ - name_begin_));
    const bool short_name = name.is_one_of(kShortNames) && (text_[sign_] == '=' || name_quoted_);
    if (!short_name && !name.has_secret_ending()) return {sign_, sign_, ""};
    find_value();
    skip_markers();
    if (at_ >= text_.size() || is_folder_of_shell(name)) return {at_, at_, ""};
    const bool field = name.is_one_of(kFields);
    const std::size_t end = field ? end_of_line() : end_of_value();
    return {at_, end, field ? "header" : "pair"};
  }

 private:
  void find_name() {
    std::size_t end = sign_;
    while (end > 0 && sign_ - end < kPairBlanksMax &&
           (text_[end - 1] == ' ' || text_[end - 1] == '\\' || text_[end - 1] == ']' ||
            is_quote(text_[end - 1]))) {
      name_quoted_ = name_quoted_ || is_quote(text_[end - 1]);
      --end;
    }
    std::size_t begin = end;
    while (begin > 0 && end - begin < kPairNameMax &&
           (is_of(text_[begin - 1], kIsUrl64) || text_[begin - 1] == '.')) {
      --begin;
    }
    name_begin_ = begin;
    name_end_ = end;
  }

  // Passes "=>", "==", ":=", blanks, and the quote of the value with what escapes it.
  void find_value() {
    at_ = sign_ + 1;
    if (at_ < text_.size() && (text_[at_] == '=' || text_[at_] == '>')) ++at_;
    const std::size_t blanks_end = std::min(at_ + kPairBlanksMax, text_.size());
    while (at_ < blanks_end && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    spaced_ = at_ > sign_ + 1;
    std::size_t quote = at_;
    while (quote < text_.size() && quote - at_ < kPairBlanksMax && text_[quote] == '\\') ++quote;
    if (quote >= text_.size() || !is_quote(text_[quote])) return;
    quote_ = text_[quote];
    escaped_quote_ = quote > at_;
    at_ = quote + 1;
  }

  // PWD and OLDPWD are variables of every shell.
  bool is_folder_of_shell(const Name& name) const {
    return (name.view() == "pwd" || name.view() == "oldpwd") && text_[at_] == '/';
  }

  // A field that stands in quotes ends with them, else with the line.
  std::size_t end_of_line() const {
    char closing = quote_;
    if (closing == 0 && name_begin_ > 0 && is_quote(text_[name_begin_ - 1])) {
      closing = text_[name_begin_ - 1];
    }
    std::size_t end = at_;
    while (end < text_.size() && text_[end] != '\n' && text_[end] != '\r' &&
           (closing == 0 || text_[end] != closing)) {
      ++end;
    }
    return end;
  }

  std::size_t end_of_value() const {
    if (quote_ != 0) return end_of_quoted();
    std::size_t end = at_;
    while (end < text_.size() && !ends_at(end)) ++end;
    const std::string_view value = text_.substr(at_, end - at_);
    const bool word = std::find(std::begin(kWords), std::end(kWords), value) != std::end(kWords);
    return word && spaced_ && text_[sign_] == ':' ? at_ : end;
  }

  std::size_t end_of_quoted() const {
    std::size_t end = at_;
    while (end < text_.size() && text_[end] != quote_) {
      end += text_[end] == '\\' && !escaped_quote_ && end + 1 < text_.size() ? 2 : 1;
    }
    // The backslash before an escaped quote belongs to it.
    while (escaped_quote_ && end > at_ && text_[end - 1] == '\\') --end;
    return std::min(end, text_.size());
  }

  // Whether a bare value ends before `at`: where the text goes on as it does between values.
  bool ends_at(std::size_t at) const {
    const char c = text_[at];
    if (is_of(c, kIsSpace) || is_quote(c)) return true;
    const char next = at + 1 < text_.size() ? text_[at + 1] : ' ';
    if (c == '&' || c == ';' || c == ',') return is_of(next, kIsSpace) || begins_pair(at + 1);
    if (is_closer(c)) {
      return is_of(next, kIsSpace) || is_quote(next) || is_closer(next) || next == ',' ||
             next == ';' || next == '.';
    }
    return false;
  }

  bool begins_pair(std::size_t at) const {
    const std::size_t end = end_of_run(text_, at, kIsUrl64, kPairNameMax);
    return end > at && end < text_.size() && (text_[end] == '=' || text_[end] == ':');
  }

  // What was scrubbed before stays as it is.
  void skip_markers() {
    while (text_.substr(at_).starts_with(kMarker)) {
      const std::size_t close = text_.substr(0, at_ + kMarkerBytesMax).find(']', at_);
      if (close == std::string_view::npos) return;
      at_ = close + 1;
    }
  }

  const std::string_view text_;
  const std::size_t sign_;
  std::size_t name_begin_ = 0;
  std::size_t name_end_ = 0;
  std::size_t at_ = 0;
  char quote_ = 0;
  bool name_quoted_ = false;
  bool escaped_quote_ = false;
  bool spaced_ = false;
};

}  // namespace

bool is_secret_name(std::string_view name) {
  const Name compared(name.size() > kPairNameMax ? name.substr(name.size() - kPairNameMax) : name);
  return compared.has_secret_ending() || compared.is_one_of(kShortNames);
}

void find_pairs(std::string_view text, Secrets& found) {
  std::size_t at = text.find_first_of("=:");
  while (at != std::string_view::npos) {
    const Secret secret = PairReader(text, at).read();
    if (secret.begin < secret.end) found.push_back(secret);
    at = text.find_first_of("=:", std::max(secret.end, at + 1));
  }
}

}  // namespace telemetry
