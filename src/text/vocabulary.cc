// Open addressing with linear probing, at most half full. The hash is no secret, so a vocabulary
// could be made of terms that collide; then other seeds are tried, and at last it is refused.
#include "text/vocabulary.h"

#include <algorithm>
#include <bit>
#include <limits>

#include <fmt/format.h>

#include "base/text.h"

namespace text {
namespace {

constexpr std::uint64_t kSeedsMax = 16;
constexpr std::size_t kTextBytesMax = std::numeric_limits<std::uint32_t>::max();

base::Error invalid(std::string message) {
  return {base::Code::Invalid, "vocabulary: " + std::move(message)};
}

base::Result<void> check_columns(const std::vector<Vocabulary::Entry>& entries) {
  std::vector<bool> taken(entries.size());
  for (const auto& [term, column] : entries) {
    if (column >= entries.size()) {
      return invalid(fmt::format("term {}: expected a column below {}, got {}", base::quote(term),
                                 entries.size(), column));
    }
    if (taken[column]) {
      return invalid(fmt::format("term {}: expected a column of its own, got {} again",
                                 base::quote(term), column));
    }
    taken[column] = true;
  }
  return {};
}

}  // namespace

base::Result<Vocabulary> Vocabulary::make(const std::vector<Entry>& entries) {
  std::size_t bytes = 0;
  for (const Entry& entry : entries) bytes += entry.first.size();
  if (entries.size() >= kTextBytesMax / 2 || bytes > kTextBytesMax) {
    return base::Error(base::Code::Unsupported,
                       fmt::format("vocabulary: expected at most {} of text, got {}",
                                   base::human_bytes(kTextBytesMax), base::human_bytes(bytes)));
  }
  TRY(check_columns(entries));

  Vocabulary made;
  made.features_ = static_cast<std::uint32_t>(entries.size());
  made.terms_.reserve(bytes);
  for (const Entry& entry : entries) made.terms_ += entry.first;
  made.mask_ = std::bit_ceil(entries.size() * 2 + 1) - 1;
  for (std::uint64_t i = 1; i <= kSeedsMax; ++i) {
    made.seed_ = i * 0xD6E8FEB86659FD93;
    TRY_ASSIGN(const bool filled, made.fill(entries));
    if (filled) return made;
  }
  return base::Error(base::Code::Unsupported, "vocabulary: too many terms that collide");
}

base::Result<bool> Vocabulary::fill(const std::vector<Entry>& entries) {
  slots_.assign(mask_ + 1, Slot{});
  std::size_t at = 0;
  for (const auto& [term, column] : entries) {
    const std::uint64_t hash = hash_term(term, seed_);
    const Slot here{static_cast<std::uint32_t>(hash >> 32), column, static_cast<std::uint32_t>(at),
                    static_cast<std::uint32_t>(term.size())};
    at += term.size();
    std::uint64_t probe = 0;
    for (; slots_[(hash + probe) & mask_].column != kEmpty; ++probe) {
      const Slot& other = slots_[(hash + probe) & mask_];
      if (other.tag == here.tag && text_of(other) == term) {
        return invalid(fmt::format("term {}: expected once, got twice", base::quote(term)));
      }
      if (probe + 1 == kProbesMax) return false;
    }
    slots_[(hash + probe) & mask_] = here;
  }
  return true;
}

}  // namespace text
