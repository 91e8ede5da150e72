#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "companions/cells.h"
#include "companions/pmml_preprocessing.h"
#include "companions/transformer.h"
#include "plan_cells/cell_regex.h"
#include "plan_cells/cell_text.h"

namespace companions {
namespace {

using TextFunction = std::shared_ptr<const plan::CellFunction>;

// Functions of texts, one after another; numbers are written as texts before.
class OfTexts final : public Transformer {
 public:
  // `kind`: of the numbers that they make in the end, if they do.
  OfTexts(std::vector<TextFunction> functions, bool numbers_too, NumberKind kind)
      : functions_(std::move(functions)), numbers_too_(numbers_too), kind_(kind) {}

 private:
  base::Result<Port> transform(Builder& builder, const Port& input) const override {
    TRY_ASSIGN(Port port, known_cells(builder, input, ColumnType::Text));
    if (numbers_too_) {
      TRY_ASSIGN(port, cast_cells(builder, port, {Holds::What::Text}));
    }
    for (const TextFunction& function : functions_) {
      TRY_ASSIGN(port,
                 map_each(builder, port,
                          [&](ColumnType type, NumberKind, std::size_t c) -> base::Result<Mapped> {
                            if (type == ColumnType::Number) return no_text(port, c);
                            return Mapped{function, kind_};
                          }));
    }
    return port;
  }

  static base::Error no_text(const Port& port, std::size_t c) {
    return {base::Code::Unsupported,
            fmt::format("{}: expected text, got numbers", plan::feature_label(port.names, c))};
  }

  std::vector<TextFunction> functions_;
  bool numbers_too_;
  NumberKind kind_;
};

Made make_of_texts(std::vector<TextFunction> functions, bool numbers_too,
                   NumberKind kind = NumberKind::Unknown) {
  return std::make_unique<OfTexts>(std::move(functions), numbers_too, kind);
}

Made read_string_normalizer(const Object& object, Reader& reader) {
  TRY_ASSIGN(const std::string word, object.text_or("function", ""));
  plan::TextChange change;
  if (word == "lower" || word == "lowercase") {
    change.to = plan::TextChange::Case::Lower;
  } else if (word == "upper" || word == "uppercase") {
    change.to = plan::TextChange::Case::Upper;
  } else if (!word.empty()) {
    return object.unsupported("function", "\"lower\", \"upper\" or None", word);
  }
  TRY_ASSIGN(change.strip, object.flag_or("trim_blanks", true));
  return make_of_texts({std::make_shared<plan::ChangeText>(change, reader.options().python)}, true);
}

Made read_substring(const Object& object, Reader& reader) {
  TRY_ASSIGN(const auto begin, object.integer("begin"));
  TRY_ASSIGN(const auto end, object.integer("end"));
  if (begin < 0 || end < begin) {
    return object.unexpected("begin", "0 <= begin <= end", fmt::format("{} and {}", begin, end));
  }
  plan::TextChange change;
  change.slice = true;
  change.begin = static_cast<std::size_t>(begin);
  change.end = static_cast<std::size_t>(end);
  return make_of_texts({std::make_shared<plan::ChangeText>(change, reader.options().python)}, true);
}

Made read_string_length(const Object&, Reader&) {
  return make_of_texts({std::make_shared<plan::TextLength>()}, true, NumberKind::Int);
}

// Groups only matter to what refers to them, which replacements here may not.
std::string without_groups(std::string_view pattern) {
  std::string out;
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    out += pattern[i];
    if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      out += pattern[++i];
    } else if (in_class) {
      in_class = pattern[i] != ']';
    } else if (pattern[i] == '[') {
      in_class = true;
      // A bracket that comes first is a member.
      for (const char first : {'^', ']'}) {
        if (i + 1 < pattern.size() && pattern[i + 1] == first) out += pattern[++i];
      }
    } else if (pattern[i] == '(' && (i + 1 == pattern.size() || pattern[i + 1] != '?')) {
      out += "?:";
    }
  }
  return out;
}

base::Result<text::Regex> make_regex(const Object& object, const Reader& reader,
                                     std::string_view pattern) {
  TRY_ASSIGN(const std::string flavour, object.text_or("re_flavour", "re"));
  if (flavour != "re") return object.unsupported("re_flavour", "\"re\"", flavour);
  auto regex = text::Regex::make(without_groups(pattern), reader.options().python);
  if (!regex.ok()) return std::move(regex).error().within(object.title());
  return regex;
}

Made read_matches(const Object& object, Reader& reader) {
  TRY_ASSIGN(const std::string pattern, object.text("pattern"));
  TRY_ASSIGN(text::Regex regex, make_regex(object, reader, pattern));
  return make_of_texts({std::make_shared<plan::Matches>(std::move(regex))}, false,
                       NumberKind::Bool);
}

Made read_replace(const Object& object, Reader& reader) {
  TRY_ASSIGN(const std::string pattern, object.text("pattern"));
  TRY_ASSIGN(std::string replacement, object.text("replacement"));
  if (replacement.find('\\') != std::string::npos) {
    return object.unsupported("replacement", "a text without a backslash", replacement);
  }
  TRY_ASSIGN(text::Regex regex, make_regex(object, reader, pattern));
  return make_of_texts(
      {std::make_shared<plan::ReplaceMatches>(std::move(regex), std::move(replacement))}, false);
}

// Words become "1", what lies between them nothing, and the rest is counted.
Made read_word_count(const Object& object, Reader& reader) {
  TRY_ASSIGN(const std::string word, object.text_or("word_pattern", "\\w+"));
  TRY_ASSIGN(const std::string other, object.text_or("non_word_pattern", "\\W+"));
  TRY_ASSIGN(text::Regex words, make_regex(object, reader, fmt::format("({})", word)));
  TRY_ASSIGN(text::Regex others, make_regex(object, reader, fmt::format("({})", other)));
  return make_of_texts({std::make_shared<plan::ReplaceMatches>(std::move(words), "1"),
                        std::make_shared<plan::ReplaceMatches>(std::move(others), ""),
                        std::make_shared<plan::TextLength>()},
                       false, NumberKind::Int);
}

class Concat final : public Transformer {
 public:
  explicit Concat(std::string separator) : separator_(std::move(separator)) {}

 private:
  base::Result<Port> transform(Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port port, known_cells(builder, input, ColumnType::Number));
    // An array of numbers alone has one type for all of them.
    bool any_float = false;
    bool any_text = false;
    for (std::size_t c = 0; c < port.width; ++c) {
      any_float = any_float || port.kind_of(c) == NumberKind::Float;
      any_text = any_text || port.types[c] == ColumnType::Text;
    }
    std::vector<NumberKind> kinds;
    for (std::size_t c = 0; c < port.width; ++c) {
      kinds.push_back(any_float && !any_text ? NumberKind::Float : port.kind_of(c));
    }
    return map_all(builder, port, std::make_shared<plan::JoinTexts>(separator_, std::move(kinds)));
  }

  std::string separator_;
};

Made read_concat(const Object& object, Reader&) {
  TRY_ASSIGN(std::string separator, object.text_or("separator", ""));
  return std::make_unique<Concat>(std::move(separator));
}

constexpr Entry kPmmlText[] = {
    {"sklearn2pmml", "ConcatTransformer", read_concat},
    {"sklearn2pmml", "MatchesTransformer", read_matches},
    {"sklearn2pmml", "ReplaceTransformer", read_replace},
    {"sklearn2pmml", "StringLengthTransformer", read_string_length},
    {"sklearn2pmml", "StringNormalizer", read_string_normalizer},
    {"sklearn2pmml", "SubstringTransformer", read_substring},
    {"sklearn2pmml", "WordCountTransformer", read_word_count},
};

}  // namespace

std::span<const Entry> pmml_text_entries() { return kPmmlText; }

}  // namespace companions
