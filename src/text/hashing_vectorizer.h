#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "text/analyzer.h"
#include "text/row.h"

namespace text {

struct HashingOptions {
  std::uint32_t n_features = 1U << 20;  // 1 to 2^31 - 1
  bool alternate_sign = true;
  bool binary = false;
  Norm norm = Norm::L2;
  Precision precision = Precision::Float64;
};

// scikit-learn's HashingVectorizer: MurmurHash3 of each term gives its column and its sign, equal
// columns are added up (also to 0, which stays in the row), then `binary` sets all to 1 and the
// norm is taken. Bit for bit, in float64 or float32. Immutable; shared by all threads.
class HashingVectorizer {
 public:
  // One per thread, reused by any vectoriser.
  struct Scratch {
    Analyzer::Scratch analyzer;
    std::vector<std::uint32_t> hashed;  // Twice the column, plus 1 where the sign is negative.
  };

  // Refuses n_features out of range.
  static base::Result<HashingVectorizer> make(Analyzer analyzer, HashingOptions options);

  std::uint32_t features() const { return options_.n_features; }

  // Appends one row, columns ascending. The one error is Regex::find_all's. Precondition:
  // `document` is valid UTF-8.
  base::Result<void> append(std::string_view document, Scratch& scratch, Row& row) const;

 private:
  HashingVectorizer(Analyzer analyzer, HashingOptions options)
      : analyzer_(std::move(analyzer)), options_(options) {}

  Analyzer analyzer_;
  HashingOptions options_;
};

}  // namespace text
