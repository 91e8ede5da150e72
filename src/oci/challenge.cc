#include "oci/challenge.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "oci/ascii.h"

namespace oci {
namespace {

using base::Code;
using base::Error;

// challenge = scheme [ 1*SP ( token68 / #( name BWS "=" BWS ( token / quoted-string ) ) ) ]
constexpr std::size_t kBytesMax = 16 << 10;
constexpr std::size_t kChallengesMax = 16;
constexpr std::size_t kParametersMax = 32;

bool is_space(char c) { return c == ' ' || c == '\t'; }

bool is_token_char(char c) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return is_alnum(c) || kMarks.find(c) != std::string_view::npos;
}
bool is_token68_char(char c) {
  constexpr std::string_view kMarks = "-._~+/=";
  return is_alnum(c) || kMarks.find(c) != std::string_view::npos;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool at_end() const { return at_ == text_.size(); }
  bool at(char c) const { return at_ < text_.size() && text_[at_] == c; }
  std::size_t position() const { return at_; }
  void seek(std::size_t to) { at_ = to; }

  bool spaces() {
    const std::size_t from = at_;
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    return at_ > from;
  }
  bool take(char c) {
    if (!at(c)) return false;
    ++at_;
    return true;
  }
  template <typename Is>
  std::string_view run(Is is) {
    const std::size_t from = at_;
    while (at_ < text_.size() && is(text_[at_])) ++at_;
    return text_.substr(from, at_ - from);
  }

  // A quoted string without its quotes and backslashes.
  std::optional<std::string> quoted() {
    if (!take('"')) return std::nullopt;
    std::string out;
    while (at_ < text_.size()) {
      char c = text_[at_++];
      if (c == '"') return out;
      if (c == '\\') {
        if (at_ == text_.size()) return std::nullopt;
        c = text_[at_++];
      }
      const auto byte = static_cast<unsigned char>(c);
      if ((byte < ' ' && c != '\t') || byte == 0x7F) return std::nullopt;
      out += c;
    }
    return std::nullopt;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

enum class Outcome : unsigned char { Taken, Absent, Bad };

// name=value. Absent, and nothing moved, where a scheme stands instead.
Outcome take_parameter(Reader& reader, Challenge& challenge) {
  const std::size_t start = reader.position();
  const std::string name = lower(reader.run(is_token_char));
  if (name.empty()) return Outcome::Absent;
  reader.spaces();
  if (!reader.take('=')) {
    reader.seek(start);
    return Outcome::Absent;
  }
  reader.spaces();
  std::optional<std::string> value;
  if (reader.at('"')) {
    value = reader.quoted();
  } else if (const std::string_view token = reader.run(is_token_char); !token.empty()) {
    value = std::string(token);
  }
  if (!value || challenge.parameters.size() == kParametersMax) return Outcome::Bad;
  return challenge.parameters.emplace(name, *std::move(value)).second ? Outcome::Taken
                                                                      : Outcome::Bad;
}

void skip_commas(Reader& reader) {
  do {
    reader.spaces();
  } while (reader.take(','));
}

// "Negotiate YII=": one word to the end or a comma. Nothing moved where it is something else.
bool skip_token68(Reader& reader) {
  const std::size_t start = reader.position();
  const std::string_view word = reader.run(is_token68_char);
  reader.spaces();
  const std::size_t padding = std::min(word.find('='), word.size());
  const bool good = !word.empty() && word.find_first_not_of('=', padding) == word.npos &&
                    (reader.at_end() || reader.at(','));
  if (!good) reader.seek(start);
  return good;
}

// Parameters up to the next scheme or the end. False: malformed.
bool take_parameters(Reader& reader, Challenge& challenge) {
  if (!reader.spaces()) return reader.at_end() || reader.at(',');
  if (reader.at_end() || reader.at(',') || skip_token68(reader)) return true;
  for (bool first = true;; first = false) {
    const std::size_t start = reader.position();
    const Outcome outcome = take_parameter(reader, challenge);
    if (outcome == Outcome::Bad || (first && outcome == Outcome::Absent)) return false;
    if (outcome == Outcome::Absent) {
      reader.seek(start);
      return true;
    }
    reader.spaces();
    if (reader.at_end()) return true;
    if (!reader.take(',')) return false;
    skip_commas(reader);
    if (reader.at_end()) return true;
  }
}

}  // namespace

const std::string& Challenge::parameter(const std::string& name) const {
  static const std::string kNone;
  const auto at = parameters.find(name);
  return at == parameters.end() ? kNone : at->second;
}

base::Result<std::vector<Challenge>> parse_challenges(std::string_view value) {
  const auto bad = [value] {
    return Error(Code::Corrupt, fmt::format("WWW-Authenticate {}: expected ways to authenticate",
                                            base::quote(value)));
  };
  if (value.size() > kBytesMax) return bad();
  std::vector<Challenge> challenges;
  Reader reader(value);
  for (skip_commas(reader); !reader.at_end(); skip_commas(reader)) {
    Challenge challenge;
    challenge.scheme = lower(reader.run(is_token_char));
    if (challenge.scheme.empty() || challenges.size() == kChallengesMax) return bad();
    if (!take_parameters(reader, challenge)) return bad();
    challenges.push_back(std::move(challenge));
  }
  return challenges;
}

}  // namespace oci
