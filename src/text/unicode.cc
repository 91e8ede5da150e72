#include "text/unicode.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/number.h"
#include "base/text.h"
#include "text/ascii.h"

namespace text {
namespace {

constexpr char32_t kCapitalSigma = 0x3A3;
constexpr std::string_view kSmallSigma = "\xcf\x83";
constexpr std::string_view kFinalSigma = "\xcf\x82";
constexpr char32_t kCapitalDottedI = 0x130;
constexpr std::string_view kLowerDottedI = "i\xcc\x87";

// The first release 3.<minor> of each table.
constexpr std::array<int, tables::kReleases> kFirstMinor = {0, 7, 8, 9, 11, 12, 13, 14};

// Hangul syllables are composed by rule (Unicode, section 3.12).
constexpr char32_t kHangulFirst = 0xAC00;
constexpr char32_t kHangulCount = 11172;
constexpr char32_t kLeadFirst = 0x1100;
constexpr char32_t kVowelFirst = 0x1161;
constexpr char32_t kTrailBefore = 0x11A7;
constexpr char32_t kVowelCount = 21;
constexpr char32_t kTrailCount = 28;

// Precondition: the table says that `point` decomposes.
std::string_view decomposition(char32_t point) {
  const std::size_t page = point >> 8;
  const auto* low = tables::kDecomposedLow;
  const auto* end = low + tables::kDecomposedPages[page + 1];
  const auto* found = std::lower_bound(low + tables::kDecomposedPages[page], end, point & 0xFF);
  const auto at = static_cast<std::size_t>(found - low);
  return {reinterpret_cast<const char*>(tables::kDecomposedText) + tables::kDecomposedAt[at],
          tables::kDecomposedBytes[at]};
}

// Writes what a Hangul syllable is made of; nothing for other characters.
std::string_view hangul(char32_t point, std::string& buffer) {
  const char32_t index = point - kHangulFirst;
  if (point < kHangulFirst || index >= kHangulCount) return {};
  buffer.clear();
  base::append_utf8(buffer, kLeadFirst + index / (kVowelCount * kTrailCount));
  base::append_utf8(buffer, kVowelFirst + index / kTrailCount % kVowelCount);
  const char32_t trail = index % kTrailCount;
  if (trail != 0) base::append_utf8(buffer, kTrailBefore + trail);
  return buffer;
}

// Calls `piece` with the text in order: runs of ASCII as they stand, each other character as its
// full decomposition, not yet in canonical order.
template <typename Decomposed, typename Piece>
void for_each_decomposed(std::string_view utf8, Decomposed&& decomposed, Piece&& piece) {
  std::string syllable;  // Nine bytes at most: never on the heap.
  std::size_t at = 0;
  while (at < utf8.size()) {
    const std::size_t ascii = ascii_prefix(utf8.substr(at));
    if (ascii > 0) piece(utf8.substr(at, ascii));
    at += ascii;
    if (at == utf8.size()) return;
    const std::size_t start = at;
    const char32_t point = base::next_point(utf8, at);
    if (decomposed(point)) {
      piece(decomposition(point));
    } else if (const std::string_view parts = hangul(point, syllable); !parts.empty()) {
      piece(parts);
    } else {
      piece(utf8.substr(start, at - start));
    }
  }
}

// Puts each run of characters of a combining class above 0 in ascending order of class, keeping
// the order within a class.
class CanonicalOrder {
 public:
  explicit CanonicalOrder(std::string& out) : out_(out) {}

  void add(char32_t point, std::uint8_t combining) {
    if (combining == 0) {
      flush();
      base::append_utf8(out_, point);
      return;
    }
    ordered_ = ordered_ && (marks_.empty() || marks_.back().first <= combining);
    marks_.emplace_back(combining, point);
  }

  void flush() {
    const auto by_class = [](const Mark& a, const Mark& b) { return a.first < b.first; };
    if (!ordered_) std::stable_sort(marks_.begin(), marks_.end(), by_class);
    for (const Mark& mark : marks_) base::append_utf8(out_, mark.second);
    marks_.clear();
    ordered_ = true;
  }

 private:
  using Mark = std::pair<std::uint8_t, char32_t>;

  std::string& out_;
  std::vector<Mark> marks_;
  bool ordered_ = true;
};

}  // namespace

base::Result<PythonVersion> PythonVersion::parse(std::string_view text) {
  const auto number = [](std::string_view digits) -> std::optional<int> {
    if (digits.empty() || digits.size() > 3) return std::nullopt;
    if (!std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; })) {
      return std::nullopt;
    }
    return static_cast<int>(base::parse_int(digits).value_or(0));
  };
  const std::size_t dot = std::min(text.find('.'), text.size());
  const std::string_view rest = text.substr(std::min(dot + 1, text.size()));
  const auto major = number(text.substr(0, dot));
  const auto minor = number(rest.substr(0, std::min(rest.find('.'), rest.size())));
  if (major != 3 || !minor) {
    return base::Error(
        base::Code::Invalid,
        fmt::format("Python version: expected 3.<minor>, got {}", base::quote(text)));
  }
  return PythonVersion{*major, *minor};
}

const Unicode& Unicode::of(PythonVersion version) {
  static constexpr std::array<Unicode, tables::kReleases> kAll = {
      Unicode(tables::kStages[0]), Unicode(tables::kStages[1]), Unicode(tables::kStages[2]),
      Unicode(tables::kStages[3]), Unicode(tables::kStages[4]), Unicode(tables::kStages[5]),
      Unicode(tables::kStages[6]), Unicode(tables::kStages[7])};
  if (version.major != 3) return version.major < 3 ? kAll.front() : kAll.back();
  const auto after = std::upper_bound(kFirstMinor.begin() + 1, kFirstMinor.end(), version.minor);
  return kAll[static_cast<std::size_t>(after - kFirstMinor.begin()) - 1];
}

// CPython's handle_capital_sigma: the nearest character before that is not Case_Ignorable has
// case, and the nearest one after has not. Each run of Case_Ignorable characters is looked at from
// its two ends only, since a sigma itself has case: the whole text costs linear time.
bool Unicode::final_sigma(std::string_view utf8, std::size_t at, std::size_t after) const {
  const auto continues = [&](std::size_t i) {
    return (static_cast<unsigned char>(utf8[i]) & 0xC0) == 0x80;
  };
  bool letter_before = false;
  while (at > 0) {
    --at;
    while (continues(at)) --at;
    std::size_t next = at;
    const std::uint8_t flags = record(base::next_point(utf8, next)).flags;
    if ((flags & tables::CaseIgnorable) != 0) continue;
    letter_before = (flags & tables::Cased) != 0;
    break;
  }
  if (!letter_before) return false;
  while (after < utf8.size()) {
    const std::uint8_t flags = record(base::next_point(utf8, after)).flags;
    if ((flags & tables::CaseIgnorable) == 0) return (flags & tables::Cased) == 0;
  }
  return true;
}

void Unicode::append_lower(std::string_view utf8, std::string& out) const {
  std::size_t at = 0;
  while (at < utf8.size()) {
    at += append_ascii_lower(utf8.substr(at), out);
    if (at == utf8.size()) return;
    const std::size_t start = at;
    const char32_t point = base::next_point(utf8, at);
    if (point == kCapitalSigma) {
      out += final_sigma(utf8, start, at) ? kFinalSigma : kSmallSigma;
    } else if (point == kCapitalDottedI) {
      out += kLowerDottedI;
    } else if (const std::int32_t lower = record(point).lower; lower != 0) {
      base::append_utf8(out, static_cast<char32_t>(static_cast<std::int32_t>(point) + lower));
    } else {
      out += utf8.substr(start, at - start);
    }
  }
}

void Unicode::append_nfkd(std::string_view utf8, std::string& out) const {
  CanonicalOrder order(out);
  const auto decomposed = [&](char32_t point) { return has(point, tables::Decomposed); };
  for_each_decomposed(utf8, decomposed, [&](std::string_view piece) {
    std::size_t at = 0;
    while (at < piece.size()) {
      const char32_t point = base::next_point(piece, at);
      order.add(point, combining(point));
    }
  });
  order.flush();
}

void Unicode::append_unaccented(std::string_view utf8, std::string& out) const {
  const auto decomposed = [&](char32_t point) { return has(point, tables::Decomposed); };
  for_each_decomposed(utf8, decomposed, [&](std::string_view piece) {
    std::size_t at = 0;
    while (at < piece.size()) {
      const std::size_t ascii = ascii_prefix(piece.substr(at));
      out += piece.substr(at, ascii);
      at += ascii;
      if (at == piece.size()) break;
      const std::size_t start = at;
      if (combining(base::next_point(piece, at)) == 0) out += piece.substr(start, at - start);
    }
  });
}

void Unicode::append_ascii(std::string_view utf8, std::string& out) const {
  const auto decomposed = [&](char32_t point) { return has(point, tables::Decomposed); };
  for_each_decomposed(utf8, decomposed, [&](std::string_view piece) {
    for (const char c : piece) {
      if (static_cast<unsigned char>(c) < 0x80) out += c;
    }
  });
}

std::string_view Unicode::stripped(std::string_view utf8) const {
  const auto starts_point = [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
  };
  std::size_t begin = 0;
  while (begin < utf8.size()) {
    std::size_t next = begin;
    if (!is_space(base::next_point(utf8, next))) break;
    begin = next;
  }
  std::size_t end = utf8.size();
  while (end > begin) {
    std::size_t last = end - 1;
    while (last > begin && !starts_point(utf8[last])) --last;
    std::size_t at = last;
    if (!is_space(base::next_point(utf8, at))) break;
    end = last;
  }
  return utf8.substr(begin, end - begin);
}

}  // namespace text
