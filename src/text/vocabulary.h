#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "text/hash.h"

namespace text {

// The terms of a fitted vectoriser and their columns. Immutable once made; shared by all threads.
// A lookup looks at kProbesMax places at most, whatever terms the vocabulary was made of and
// whatever is looked up.
class Vocabulary {
 public:
  using Entry = std::pair<std::string_view, std::uint32_t>;

  static constexpr std::uint32_t kProbesMax = 256;

  Vocabulary() = default;  // Of no terms and no columns.

  // Refuses terms given twice, columns given twice or past the number of terms (scikit-learn gives
  // each of 0..n-1 once), and more than 4 GiB of text.
  static base::Result<Vocabulary> make(const std::vector<Entry>& entries);

  // The number of columns, and of terms.
  std::uint32_t features() const { return features_; }

  // The term's column.
  std::optional<std::uint32_t> find(std::string_view term) const {
    const std::uint64_t hash = hash_term(term, seed_);
    const auto tag = static_cast<std::uint32_t>(hash >> 32);
    for (std::uint64_t probe = 0; probe < kProbesMax; ++probe) {
      const Slot& slot = slots_[(hash + probe) & mask_];
      if (slot.column == kEmpty) break;
      if (slot.tag == tag && text_of(slot) == term) return slot.column;
    }
    return std::nullopt;
  }

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t column = kEmpty;
    std::uint32_t at = 0;  // In terms_.
    std::uint32_t bytes = 0;
  };
  static constexpr std::uint32_t kEmpty = 0xFFFFFFFF;

  std::string_view text_of(const Slot& slot) const { return {terms_.data() + slot.at, slot.bytes}; }

  // False where some term would stand more than kProbesMax places from where it belongs.
  base::Result<bool> fill(const std::vector<Entry>& entries);

  std::string terms_;
  std::vector<Slot> slots_ = std::vector<Slot>(1);
  std::uint64_t mask_ = 0;
  std::uint64_t seed_ = 0;
  std::uint32_t features_ = 0;
};

}  // namespace text
