#include <cstddef>

#include "telemetry/scrub.h"
#include "telemetry/secrets.h"

// What looks random: 32 or more hexadecimal digits, or characters of base64 that change between
// lower case, upper case and digits as words and paths do not.

namespace telemetry {
namespace {

constexpr std::size_t kRunMin = 32;
constexpr std::size_t kSegmentMin = 5;  // Shorter words say nothing.
constexpr std::size_t kDenseMin = 24;   // Of a run, in segments that look random.
constexpr std::size_t kChangesPer1000 = 175;
constexpr std::size_t kIdNameMax = 32;

bool is_hex_run(std::string_view text) {
  for (const char c : text) {
    if (!is_of(c, kIsHex)) return false;
  }
  return true;
}

std::size_t count_of(std::string_view text, std::uint8_t classes) {
  std::size_t count = 0;
  for (const char c : text) count += is_of(c, classes) ? 1 : 0;
  return count;
}

bool is_mixed_hex(std::string_view text) {
  const std::size_t digits = count_of(text, kIsDigit);
  return digits > 0 && digits < text.size() && is_hex_run(text);
}

// Where a UUID begins at `at`, its end; else `at`.
std::size_t end_of_uuid(std::string_view text, std::size_t at) {
  constexpr std::size_t kGroups[] = {8, 4, 4, 4, 12};
  std::size_t end = at;
  for (const std::size_t group : kGroups) {
    if (end != at) {
      if (end >= text.size() || text[end] != '-') return at;
      ++end;
    }
    const std::size_t stop = end_of_run(text, end, kIsHex, group);
    if (stop - end != group) return at;
    end = stop;
  }
  return ends_word(text, end) ? end : at;
}

bool is_digest(std::string_view before, std::size_t digits) {
  struct Algorithm {
    std::string_view name;
    std::size_t digits;
  };
  constexpr Algorithm kAlgorithms[] = {
      {"sha256", 64}, {"sha512", 128}, {"sha384", 96}, {"sha1", 40}};
  if (before.empty() || (before.back() != ':' && before.back() != '/')) return false;
  before.remove_suffix(1);
  for (const Algorithm& each : kAlgorithms) {
    if (digits == each.digits && before.ends_with(each.name)) return true;
  }
  return false;
}

// Whether a trace id stands in a traceparent: 00-<it>-<span>-<flags>
bool is_in_traceparent(std::string_view before, std::string_view behind) {
  return before.ends_with("00-") && behind.size() >= 20 && behind[0] == '-' && behind[17] == '-' &&
         is_hex_run(behind.substr(1, 16)) && is_hex_run(behind.substr(18, 2)) &&
         ends_word(behind, 20);
}

// Whether what stands before says that an id of a trace or request follows.
bool names_an_id(std::string_view before) {
  std::size_t end = before.size();
  while (end > 0 && std::string_view("\"':= ").find(before[end - 1]) != std::string_view::npos) {
    --end;
  }
  if (end == before.size()) return false;
  std::size_t begin = end;
  while (begin > 0 && end - begin < kIdNameMax && is_of(before[begin - 1], kIsUrl64)) --begin;
  const std::string_view name = before.substr(begin, end - begin);
  for (const std::string_view id : {"trace_id", "traceid", "request_id", "x-request-id"}) {
    if (name.size() == id.size() && has_word_at(name, 0, id)) return true;
  }
  return false;
}

// Whether the hexadecimal digits are what they look like: public.
bool is_public_hex(std::string_view text, std::size_t begin, std::size_t end) {
  const std::string_view before = text.substr(0, begin);
  if (is_digest(before, end - begin)) return true;
  if (!is_plain_id(text.substr(begin, end - begin))) return false;
  return is_in_traceparent(before, text.substr(end)) || names_an_id(before);
}

// Letters of one case with digits among them, far longer than any word.
bool is_long_base32(std::string_view segment) {
  return segment.size() >= kRunMin && count_of(segment, kIsDigit) >= 2 &&
         (count_of(segment, kIsUpper) == 0) != (count_of(segment, kIsLower) == 0);
}

// Whether letters and digits change as they do where they are random. A capital before small
// letters begins a word, and counts for nothing.
bool looks_random(std::string_view segment) {
  if (is_long_base32(segment)) return true;
  std::size_t changes = 0;
  for (std::size_t i = 1; i < segment.size(); ++i) {
    const bool at_digit = is_of(segment[i - 1], kIsDigit) != is_of(segment[i], kIsDigit);
    const bool at_capital = is_of(segment[i - 1], kIsLower) && is_of(segment[i], kIsUpper);
    changes += at_digit || at_capital ? 1 : 0;
  }
  return changes * 1000 >= kChangesPer1000 * (segment.size() - 1);
}

// Goes through one run after another, each parted by what is public.
class RunFinder {
 public:
  RunFinder(std::string_view text, Secrets& found) : text_(text), found_(found) {}

  void find() {
    while (at_ < text_.size()) {
      if (is_of(text_[at_], kIsAlnum)) {
        take_segment();
      } else if (is_of(text_[at_], kIsRun)) {
        ++at_;
      } else {
        judge(at_);
        begin_ = ++at_;
      }
    }
    judge(at_);
  }

 private:
  void take_segment() {
    const std::size_t begin = at_;
    if (const std::size_t end = end_of_uuid(text_, begin); end != begin) return part(begin, end);
    const std::size_t end = end_of_run(text_, begin, kIsAlnum);
    const std::string_view segment = text_.substr(begin, end - begin);
    if (segment.size() >= kRunMin && is_mixed_hex(segment)) {
      if (!is_public_hex(text_, begin, end)) found_.push_back({begin, end, "hex"});
      return part(begin, end);
    }
    if (segment.size() >= kSegmentMin && looks_random(segment)) dense_ += segment.size();
    at_ = end;
  }

  // What stands there belongs to no run.
  void part(std::size_t begin, std::size_t end) {
    judge(begin);
    begin_ = end;
    at_ = end;
  }

  void judge(std::size_t end) {
    if (end - begin_ >= kRunMin && dense_ >= kDenseMin) {
      std::size_t padded = end;
      while (padded < text_.size() && text_[padded] == '=') ++padded;
      found_.push_back({begin_, padded, "token"});
    }
    dense_ = 0;
  }

  const std::string_view text_;
  Secrets& found_;
  std::size_t at_ = 0;
  std::size_t begin_ = 0;
  std::size_t dense_ = 0;
};

}  // namespace

bool is_plain_id(std::string_view text) {
  if (text.size() == 36) return end_of_uuid(text, 0) == text.size();
  if (text.size() != 16 && text.size() != 32) return false;
  return is_hex_run(text) && count_of(text, kIsUpper) == 0;
}

void find_random_runs(std::string_view text, Secrets& found) { RunFinder(text, found).find(); }

}  // namespace telemetry
