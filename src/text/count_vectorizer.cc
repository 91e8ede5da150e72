#include "text/count_vectorizer.h"

#include <bit>
#include <cstddef>

namespace text {
namespace {

// Calls `each` with the places of the bits of `bits`, lowest first, counted from `base`.
template <typename Each>
void for_each_bit(std::uint64_t bits, std::size_t base, Each&& each) {
  for (; bits != 0; bits &= bits - 1) each(base + static_cast<std::size_t>(std::countr_zero(bits)));
}

}  // namespace

void ColumnCounts::reserve(std::uint32_t columns) {
  if (counts_.size() >= columns) return;
  counts_.resize(columns);
  used_.resize(columns / 64 + 1);
  words_.resize(columns / 4096 + 1);
}

void ColumnCounts::drain(bool binary, Row& row) {
  for (std::size_t i = 0; i < words_.size(); ++i) {
    for_each_bit(words_[i], i * 64, [&](std::size_t word) {
      for_each_bit(used_[word], word * 64, [&](std::size_t column) {
        row.add(static_cast<std::uint32_t>(column), binary ? 1 : counts_[column]);
        counts_[column] = 0;
      });
      used_[word] = 0;
    });
    words_[i] = 0;
  }
}

base::Result<void> CountVectorizer::append(std::string_view document, Scratch& scratch,
                                           Row& row) const {
  scratch.counts.reserve(vocabulary_.features());
  TRY(analyzer_.for_each_term(document, scratch.analyzer, [&](std::string_view term) {
    if (const auto column = vocabulary_.find(term)) scratch.counts.add(*column);
  }));
  scratch.counts.drain(binary_, row);
  return {};
}

}  // namespace text
