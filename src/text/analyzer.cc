#include "text/analyzer.h"

#include <fmt/format.h>

#include "base/text.h"
#include "text/ascii.h"
#include "text/punctuation.h"

namespace text {
namespace {

base::Result<Vocabulary> as_set(const std::vector<std::string>& words) {
  std::vector<std::string_view> sorted(words.begin(), words.end());
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::vector<Vocabulary::Entry> entries;
  entries.reserve(sorted.size());
  for (const std::string_view word : sorted) {
    entries.emplace_back(word, static_cast<std::uint32_t>(entries.size()));
  }
  auto set = Vocabulary::make(entries);
  if (!set.ok()) return std::move(set).error().within("stop_words");
  return set;
}

Span without_punctuation(std::string_view text, Span token) {
  while (token.begin < token.end) {
    std::size_t next = token.begin;
    if (!is_punctuation(base::next_point(text, next))) break;
    token.begin = next;
  }
  while (token.end > token.begin) {
    std::size_t last = token.end - 1;
    while (last > token.begin && (static_cast<unsigned char>(text[last]) & 0xC0U) == 0x80U) --last;
    std::size_t at = last;
    if (!is_punctuation(base::next_point(text, at))) break;
    token.end = last;
  }
  return token;
}

}  // namespace

base::Result<Analyzer> Analyzer::make(AnalyzerOptions options) {
  if (options.ngram_min == 0 || options.ngram_min > options.ngram_max) {
    return base::Error(base::Code::Invalid,
                       fmt::format("ngram_range: expected 1 <= min_n <= max_n, got ({}, {})",
                                   options.ngram_min, options.ngram_max));
  }
  Analyzer made(std::move(options));
  if (made.options_.analyzer == AnalyzerKind::Word) {
    auto pattern = Regex::make(made.options_.token_pattern, made.options_.python);
    if (!pattern.ok()) {
      return std::move(pattern).error().within(
          fmt::format("token_pattern {}", base::quote(made.options_.token_pattern)));
    }
    made.pattern_ = *std::move(pattern);
    TRY_ASSIGN(made.stop_words_, as_set(made.options_.stop_words));
  }
  return made;
}

std::string_view Analyzer::preprocess(std::string_view document, Scratch& scratch) const {
  std::string_view text = document;
  if (options_.lowercase) {
    scratch.text.clear();
    unicode_->append_lower(text, scratch.text);
    text = scratch.text;
  }
  // What is ASCII has no accents.
  const StripAccents how = options_.strip_accents;
  if (how == StripAccents::None || ascii_prefix(text) == text.size()) return text;
  scratch.stripped.clear();
  if (how == StripAccents::UnicodeUnlessNfkd) {
    unicode_->append_nfkd(text, scratch.stripped);
    if (scratch.stripped == text) return text;
    scratch.stripped.clear();
  }
  if (how == StripAccents::Ascii) {
    unicode_->append_ascii(text, scratch.stripped);
  } else {
    unicode_->append_unaccented(text, scratch.stripped);
  }
  return scratch.stripped;
}

base::Result<void> Analyzer::tokenize(std::string_view text, Scratch& scratch) const {
  std::vector<Span>& tokens = scratch.tokens;
  tokens.clear();
  TRY(pattern_->find_all(text, scratch.regex, tokens));
  if (options_.split) split(text, tokens);
  if (stop_words_.features() == 0) return {};
  const auto stops = [&](const Span& token) {
    return stop_words_.find(token.of(text)).has_value();
  };
  tokens.erase(std::remove_if(tokens.begin(), tokens.end(), stops), tokens.end());
  return {};
}

void Analyzer::split(std::string_view text, std::vector<Span>& tokens) {
  std::size_t kept = 0;
  std::size_t begin = 0;
  // As many tokens as separators, and one more; none is written before it was read.
  tokens.push_back({text.size(), text.size()});
  for (const Span separator : tokens) {
    const Span token = without_punctuation(text, {begin, separator.begin});
    if (token.begin < token.end) tokens[kept++] = token;
    begin = separator.end;
  }
  tokens.resize(kept);
}

std::string_view Analyzer::collapse_spaces(std::string_view text, Scratch& scratch) const {
  std::string& out = scratch.collapsed;
  out.clear();
  std::size_t copied = 0;  // Up to here the text is in `out`.
  std::size_t spaces = 0;
  std::size_t first = 0;  // Where the spaces before `at` start.
  const auto collapse = [&](std::size_t end) {
    if (spaces > 1) {
      out += text.substr(copied, first - copied);
      out += ' ';
      copied = end;
    }
    spaces = 0;
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    if (unicode_->is_space(base::next_point(text, at))) {
      if (spaces++ == 0) first = start;
    } else if (spaces > 0) {
      collapse(start);
    }
  }
  collapse(text.size());
  out += text.substr(copied);
  return out;
}

std::string_view Analyzer::join(std::string_view text, Scratch& scratch) {
  std::string& out = scratch.joined;
  out.assign(1, ' ');
  for (Span& token : scratch.tokens) {
    const std::size_t begin = out.size();
    out += token.of(text);
    token = {begin, out.size()};
    out += ' ';
  }
  return out;
}

void Analyzer::find_starts(std::string_view text, std::vector<std::size_t>& starts) {
  starts.clear();
  for (std::size_t at = 0; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80) starts.push_back(at);
  }
  starts.push_back(text.size());
}

void Analyzer::find_words(std::string_view text, std::vector<Span>& words) const {
  words.clear();
  std::size_t begin = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t start = at;
    if (!unicode_->is_space(base::next_point(text, at))) continue;
    if (start > begin) words.push_back({begin, start});
    begin = at;
  }
  if (at > begin) words.push_back({begin, at});
}

}  // namespace text
