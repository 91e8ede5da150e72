#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "text/analyzer.h"
#include "text/row.h"
#include "text/vocabulary.h"

namespace text {

// Adds up by column and gives the columns back in ascending order without sorting: a count for
// each column, and two levels of bits that say which are not 0. Takes 4.2 bytes for each column of
// the widest vocabulary it has served.
class ColumnCounts {
 public:
  // Makes room for that many columns. All counts are 0 between documents.
  void reserve(std::uint32_t columns);

  void add(std::uint32_t column) {
    ++counts_[column];
    used_[column / 64] |= std::uint64_t{1} << (column % 64);
    words_[column / 4096] |= std::uint64_t{1} << (column / 64 % 64);
  }

  // Appends all that was added, with its count or 1, and forgets it.
  void drain(bool binary, Row& row);

 private:
  std::vector<std::uint32_t> counts_;
  std::vector<std::uint64_t> used_;   // A bit for each column.
  std::vector<std::uint64_t> words_;  // A bit for each word of used_.
};

// A fitted CountVectorizer: a document to how often each term of the vocabulary is in it. Counts
// are exact. Immutable; shared by all threads.
class CountVectorizer {
 public:
  // One per thread, reused by any vectoriser.
  struct Scratch {
    Analyzer::Scratch analyzer;
    ColumnCounts counts;
  };

  CountVectorizer(Analyzer analyzer, Vocabulary vocabulary, bool binary)
      : analyzer_(std::move(analyzer)), vocabulary_(std::move(vocabulary)), binary_(binary) {}

  std::uint32_t features() const { return vocabulary_.features(); }

  // Appends one row, columns ascending. The one error is Regex::find_all's. Precondition:
  // `document` is valid UTF-8.
  base::Result<void> append(std::string_view document, Scratch& scratch, Row& row) const;

 private:
  Analyzer analyzer_;
  Vocabulary vocabulary_;
  bool binary_;
};

}  // namespace text
