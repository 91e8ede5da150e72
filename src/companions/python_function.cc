#include "companions/python_function.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "companions/python_text.h"

namespace companions {
namespace {

constexpr std::size_t kFunctionBytesMax = 10'000;
constexpr unsigned kBlocksMax = 50;

struct PythonLine {
  std::size_t indent;
  std::string text;
};

base::Error refused_line(std::string_view line, std::string_view expected) {
  return {base::Code::Unsupported,
          fmt::format("function: expected {}, got {}", expected, base::quote(line))};
}

// The end of the quoted text that begins at `at`; that of the whole where it does not end.
std::size_t end_of_quoted(std::string_view text, std::size_t at) {
  std::string_view quote = text.substr(at, 1);
  const std::string_view three = text.substr(at, 3);
  if (three.size() == 3 && three[1] == three[0] && three[2] == three[0]) quote = three;
  at += quote.size();
  while (at < text.size() && !text.substr(at).starts_with(quote)) at += text[at] == '\\' ? 2 : 1;
  return std::min(text.size(), at + quote.size());
}

bool is_quote(char c) { return c == '"' || c == '\''; }

std::size_t indent_of(std::string_view line) {
  constexpr std::size_t kTab = 8;
  std::size_t indent = 0;
  for (const char c : line) {
    if (c == ' ') {
      ++indent;
    } else if (c == '\t') {
      indent = (indent / kTab + 1) * kTab;
    } else {
      break;
    }
  }
  return indent;
}

// Lines as Python counts them: without comments and empty ones; brackets and quoted texts hold
// several together.
std::vector<PythonLine> lines_of(std::string_view text) {
  std::vector<PythonLine> lines;
  std::string line;
  std::size_t open = 0;
  const auto finish = [&] {
    const std::string_view trimmed = base::trim(line);
    if (!trimmed.empty()) lines.push_back({indent_of(line), std::string(trimmed)});
    line.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (is_quote(c)) {
      const std::size_t end = end_of_quoted(text, at);
      line += text.substr(at, end - at);
      at = end;
      continue;
    }
    if (c == '#') {
      at = std::min(text.find_first_of("\r\n", at), text.size());
      continue;
    }
    ++at;
    if (c == '(' || c == '[' || c == '{') ++open;
    if ((c == ')' || c == ']' || c == '}') && open > 0) --open;
    if ((c == '\n' || c == '\r') && open == 0) {
      finish();
    } else {
      line += c;
    }
  }
  finish();
  return lines;
}

// The colon that ends a condition.
std::optional<std::size_t> find_colon(std::string_view line) {
  std::size_t open = 0;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const char c = line[at];
    if (is_quote(c)) at = end_of_quoted(line, at) - 1;
    if (c == '(' || c == '[' || c == '{') ++open;
    if ((c == ')' || c == ']' || c == '}') && open > 0) --open;
    if (c == ':' && open == 0) return at;
  }
  return std::nullopt;
}

class FunctionReader {
 public:
  explicit FunctionReader(std::vector<PythonLine> lines) : lines_(std::move(lines)) {}

  base::Result<PythonFunction> read() {
    PythonFunction made;
    if (lines_.empty()) return refused_line("", "def");
    TRY(read_head(made));
    if (made.body.empty()) {
      TRY_ASSIGN(made.body, block(lines_.front().indent));
    }
    if (at_ < lines_.size()) return refused_line(lines_[at_].text, "the end of the function");
    return made;
  }

 private:
  base::Result<void> read_head(PythonFunction& made) {
    const std::string& line = lines_.front().text;
    PythonText text(line);
    at_ = 1;
    if (!text.takes_word("def")) return refused_line(line, "def");
    made.name = text.name();
    if (made.name.empty() || !text.takes("(")) return refused_line(line, "def and a name");
    while (!text.takes(")")) {
      const std::string_view name = text.name();
      if (name.empty() || name == "None" || name == "True" || name == "False") {
        return refused_line(line, "parameters that are names alone");
      }
      made.parameters.emplace_back(name);
      if (text.takes(",") || text.sees(")")) continue;
      return refused_line(line, "parameters that are names alone");
    }
    if (!text.takes(":")) return refused_line(line, "a colon");
    const std::string_view rest = base::trim(std::string_view(line).substr(text.mark()));
    if (rest.empty()) return {};
    return read_simple(rest, made.body);
  }

  // NOLINTNEXTLINE(misc-no-recursion): kBlocksMax bounds it.
  base::Result<PythonBlock> block(std::size_t outer) {
    if (++depth_ > kBlocksMax) return refused_line(lines_[at_ - 1].text, "less nesting");
    if (at_ == lines_.size() || lines_[at_].indent <= outer) {
      return refused_line(lines_[at_ - 1].text, "an indented block behind it");
    }
    const std::size_t indent = lines_[at_].indent;
    PythonBlock made;
    while (at_ < lines_.size() && lines_[at_].indent == indent) TRY(read_statement(made));
    if (at_ < lines_.size() && lines_[at_].indent > outer) {
      return refused_line(lines_[at_].text, "the indentation of the lines before");
    }
    --depth_;
    return made;
  }

  // NOLINTNEXTLINE(misc-no-recursion)
  base::Result<void> read_statement(PythonBlock& block) {
    if (PythonText(lines_[at_].text).takes_word("if")) return read_branches(block);
    return read_simple(lines_[at_++].text, block);
  }

  static base::Result<void> read_simple(std::string_view line, PythonBlock& block) {
    // What only documents, and what does nothing.
    if (is_quote(line.front()) && end_of_quoted(line, 0) == line.size()) return {};
    if (line == "pass") return {};
    PythonText text(line);
    PythonStatement made;
    if (text.takes_word("return")) {
      made.value = base::trim(line.substr(text.mark()));
      if (made.value.empty()) made.value = "None";
    } else {
      made.name = text.name();
      const bool assigns = !made.name.empty() && starts_python_name(made.name.front()) &&
                           !text.sees("==") && text.takes("=");
      if (!assigns) return refused_line(line, "return, if or an assignment to a name");
      made.value = base::trim(line.substr(text.mark()));
    }
    block.push_back(std::move(made));
    return {};
  }

  // "if" and what belongs to it.
  // NOLINTNEXTLINE(misc-no-recursion)
  base::Result<void> read_branches(PythonBlock& block) {
    PythonStatement made;
    const std::size_t indent = lines_[at_].indent;
    while (at_ < lines_.size() && lines_[at_].indent == indent) {
      PythonText text(lines_[at_].text);
      const bool last = !made.branches.empty() && text.takes_word("else");
      if (!last && !text.takes_word(made.branches.empty() ? "if" : "elif")) break;
      made.branches.emplace_back();
      TRY(read_branch(indent, last, made.branches.back()));
      if (last) break;
    }
    block.push_back(std::move(made));
    return {};
  }

  // NOLINTNEXTLINE(misc-no-recursion)
  base::Result<void> read_branch(std::size_t indent, bool is_else, PythonBranch& branch) {
    const std::string line = lines_[at_++].text;
    const auto colon = find_colon(line);
    if (!colon) return refused_line(line, "a colon");
    const std::string_view head = base::trim(std::string_view(line).substr(0, *colon));
    PythonText word(head);
    (void)word.name();  // if, elif, else
    branch.condition = base::trim(head.substr(word.mark()));
    if (branch.condition.empty() != is_else) return refused_line(line, "a condition");
    const std::string_view rest = base::trim(std::string_view(line).substr(*colon + 1));
    if (!rest.empty()) return read_simple(rest, branch.block);
    TRY_ASSIGN(branch.block, block(indent));
    return {};
  }

  std::vector<PythonLine> lines_;
  std::size_t at_ = 0;
  unsigned depth_ = 0;
};

}  // namespace

base::Result<PythonFunction> parse_python_function(std::string_view text) {
  if (text.size() > kFunctionBytesMax) return refused_line(text, "at most 10000 characters");
  return FunctionReader(lines_of(text)).read();
}

}  // namespace companions
