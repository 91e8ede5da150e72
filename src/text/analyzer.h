#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "text/regex.h"
#include "text/span.h"
#include "text/unicode.h"
#include "text/vocabulary.h"

namespace text {

enum class AnalyzerKind : unsigned char { Word, Char, CharWb };
enum class StripAccents : unsigned char {
  None,
  Unicode,
  // As scikit-learn did before 0.22: a text that is in NFKD already keeps its accents.
  UnicodeUnlessNfkd,
  Ascii,
};

// The parameters of scikit-learn's vectorisers that decide what the terms of a document are, by
// their names there. The tokenizer, preprocessor and analyzer callables have no counterpart.
struct AnalyzerOptions {
  AnalyzerKind analyzer = AnalyzerKind::Word;
  bool lowercase = true;
  StripAccents strip_accents = StripAccents::None;
  std::size_t ngram_min = 1;
  std::size_t ngram_max = 1;
  std::string token_pattern = R"((?u)\b\w\w+\b)";
  // The pattern is what lies between tokens, which lose the punctuation around them; empty ones are
  // none (sklearn2pmml's Splitter as a tokenizer).
  bool split = false;
  std::vector<std::string> stop_words = {};  // english_stop_words() for 'english'.
  PythonVersion python = {};                 // The Python that fitted the vectoriser.
};

// What build_analyzer() gives: documents to terms, in scikit-learn's order. Immutable; shared by
// all threads. Refuses n-gram ranges that scikit-learn refuses and token patterns that text::Regex
// refuses; the pattern is not looked at where scikit-learn does not use it.
class Analyzer {
 public:
  // What analysing writes on: one per thread, reused by any analyzer; once it is warm a document
  // allocates nothing.
  struct Scratch {
    std::string text, stripped, collapsed, joined;
    std::vector<Span> tokens;
    std::vector<std::size_t> starts;
    Regex::Scratch regex;
  };

  static base::Result<Analyzer> make(AnalyzerOptions options);

  // Calls `sink` with each term of the document; a term is valid during its call alone. The one
  // error is Regex::find_all's. Precondition: `document` is valid UTF-8.
  template <typename Sink>
  base::Result<void> for_each_term(std::string_view document, Scratch& scratch, Sink&& sink) const {
    const std::string_view text = preprocess(document, scratch);
    if (options_.analyzer == AnalyzerKind::Word) {
      TRY(tokenize(text, scratch));
      word_ngrams(text, scratch, sink);
    } else if (options_.analyzer == AnalyzerKind::Char) {
      char_ngrams(collapse_spaces(text, scratch), scratch, sink);
    } else {
      char_wb_ngrams(collapse_spaces(text, scratch), scratch, sink);
    }
    return {};
  }

 private:
  explicit Analyzer(AnalyzerOptions options)
      : options_(std::move(options)), unicode_(&Unicode::of(options_.python)) {}

  // Lower case, then accents.
  std::string_view preprocess(std::string_view document, Scratch& scratch) const;
  // Into scratch.tokens, stop words left out.
  base::Result<void> tokenize(std::string_view text, Scratch& scratch) const;
  // What is found lies between the tokens.
  static void split(std::string_view text, std::vector<Span>& tokens);
  // re.sub(r"\s\s+", " ", text)
  std::string_view collapse_spaces(std::string_view text, Scratch& scratch) const;
  // The tokens with one space between them; scratch.tokens becomes their places there.
  static std::string_view join(std::string_view text, Scratch& scratch);
  // Where each character starts, and the end, into scratch.starts.
  static void find_starts(std::string_view text, std::vector<std::size_t>& starts);

  template <typename Sink>
  void word_ngrams(std::string_view text, Scratch& scratch, Sink& sink) const {
    const std::vector<Span>& tokens = scratch.tokens;
    if (options_.ngram_min == 1) {
      for (const Span& token : tokens) sink(token.of(text));
    }
    const std::size_t most = std::min(options_.ngram_max, tokens.size());
    const std::size_t least = std::max<std::size_t>(options_.ngram_min, 2);
    if (least > most) return;
    const std::string_view joined = join(text, scratch);
    for (std::size_t n = least; n <= most; ++n) {
      for (std::size_t i = 0; i + n <= tokens.size(); ++i) {
        sink(Span{tokens[i].begin, tokens[i + n - 1].end}.of(joined));
      }
    }
  }

  template <typename Sink>
  void char_ngrams(std::string_view text, Scratch& scratch, Sink& sink) const {
    std::vector<std::size_t>& starts = scratch.starts;
    find_starts(text, starts);
    const std::size_t most = std::min(options_.ngram_max, starts.size() - 1);
    for (std::size_t n = options_.ngram_min; n <= most; ++n) {
      for (std::size_t i = 0; i + n < starts.size(); ++i) {
        sink(Span{starts[i], starts[i + n]}.of(text));
      }
    }
  }

  // Each word between two spaces; a word of no more than n characters is counted once, and for no
  // larger n.
  template <typename Sink>
  void char_wb_ngrams(std::string_view text, Scratch& scratch, Sink& sink) const {
    find_words(text, scratch.tokens);
    const std::string_view joined = join(text, scratch);
    for (const Span& word : scratch.tokens) {
      const std::string_view padded = joined.substr(word.begin - 1, word.end - word.begin + 2);
      find_starts(padded, scratch.starts);
      const std::vector<std::size_t>& starts = scratch.starts;
      const std::size_t length = starts.size() - 1;
      for (std::size_t n = options_.ngram_min; n <= options_.ngram_max; ++n) {
        if (n >= length) {
          sink(padded);
          break;
        }
        for (std::size_t i = 0; i + n <= length; ++i) {
          sink(Span{starts[i], starts[i + n]}.of(padded));
        }
      }
    }
  }

  // text.split()
  void find_words(std::string_view text, std::vector<Span>& words) const;

  AnalyzerOptions options_;
  const Unicode* unicode_;
  std::optional<Regex> pattern_;  // For words.
  Vocabulary stop_words_;
};

// The 318 words of stop_words='english'.
std::vector<std::string> english_stop_words();

}  // namespace text
