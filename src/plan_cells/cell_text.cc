#include "plan_cells/cell_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "data/frame.h"

namespace plan {
namespace {

// The text under way.
struct Written final : State {
  std::string text;
};

std::string& text_of(State* state) { return static_cast<Written*>(state)->text; }

bool is_whole(double number) { return std::abs(number) < 0x1p63 && number == std::trunc(number); }

// NOLINTNEXTLINE(bugprone-string-constructor): empty, yet not missing.
std::string_view empty_text() { return std::string_view("", 0); }

base::Error missing_text(const CellSource& from, std::size_t row) {
  return {base::Code::Invalid,
          fmt::format("row {}: expected a text, got a missing value", from.row_of_request(row))};
}

bool starts_point(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

}  // namespace

void append_python_text(double number, NumberKind kind, std::string& out) {
  std::array<char, 40> buffer{};
  char* end = buffer.data() + buffer.size();
  const bool whole = is_whole(number);
  if (std::isnan(number)) {
    out += "nan";  // Whatever its sign.
  } else if (kind == NumberKind::Bool && (number == 0 || number == 1)) {
    out += number == 0 ? "False" : "True";
  } else if (whole && kind != NumberKind::Float) {
    end = std::to_chars(buffer.data(), end, static_cast<std::int64_t>(number)).ptr;
    out.append(buffer.data(), end);
  } else {
    // Python writes an exponent below 1e-4 and from 1e16 on, as fmt does.
    end = fmt::format_to_n(buffer.data(), buffer.size(), "{}", number).out;
    const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
    out += text;
    if (text.find_first_not_of("-0123456789") == std::string_view::npos) out += ".0";
  }
}

std::unique_ptr<State> NumberText::make_state() const { return std::make_unique<Written>(); }

base::Result<void> NumberText::run(const CellSource& from, CellTarget& to, State* state) const {
  std::string& text = text_of(state);
  const std::span<std::string_view> out = to.texts(from.rows());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double number = from[0].numbers[i];
    if (std::isnan(number)) {
      out[i] = data::kMissingText;
      continue;
    }
    text.clear();
    append_python_text(number, kind_, text);
    out[i] = to.keep(text);
  }
  return {};
}

ChangeText::ChangeText(TextChange change, text::PythonVersion python)
    : change_(change), unicode_(text::Unicode::of(python)) {}

std::string ChangeText::describe() const {
  if (change_.slice) return fmt::format("characters {} to {} of texts", change_.begin, change_.end);
  switch (change_.to) {
    case TextChange::Case::Lower: return "texts in lower case";
    case TextChange::Case::Upper: return "texts in upper case";
    case TextChange::Case::Same: break;
  }
  return "texts without space around them";
}

std::unique_ptr<State> ChangeText::make_state() const { return std::make_unique<Written>(); }

std::string_view ChangeText::stripped(std::string_view text) const {
  const std::string_view rest = unicode_.stripped(text);
  return rest.empty() ? empty_text() : rest;
}

std::string_view ChangeText::sliced(std::string_view text) const {
  std::size_t point = 0;
  std::size_t begin = text.size();
  std::size_t end = text.size();
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!starts_point(text[at])) continue;
    if (point == change_.begin) begin = at;
    if (point == change_.end) {
      end = at;
      break;
    }
    ++point;
  }
  return begin >= end ? empty_text() : text.substr(begin, end - begin);
}

base::Result<void> ChangeText::run(const CellSource& from, CellTarget& to, State* state) const {
  std::string& text = text_of(state);
  const std::span<std::string_view> out = to.texts(from.rows());
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::string_view cell = from[0].texts[i];
    out[i] = cell;
    if (data::is_missing(cell)) continue;
    text.clear();
    if (change_.to == TextChange::Case::Lower) {
      unicode_.append_lower(cell, text);
      cell = text;
    } else if (change_.to == TextChange::Case::Upper) {
      for (const char byte : cell) {
        if (static_cast<unsigned char>(byte) >= 0x80) {
          return base::Error(base::Code::Unsupported,
                             fmt::format("row {}: expected ASCII letters for upper case, got {}",
                                         from.row_of_request(i), base::quote(cell)));
        }
        text += byte >= 'a' && byte <= 'z' ? static_cast<char>(byte - 'a' + 'A') : byte;
      }
      cell = text;
    }
    if (change_.strip) cell = stripped(cell);
    if (change_.slice) cell = sliced(cell);
    // Without a change of case it is a part of what the input has.
    out[i] = change_.to == TextChange::Case::Same ? cell : to.keep(cell);
  }
  return {};
}

base::Result<void> TextLength::run(const CellSource& from, CellTarget& to, State*) const {
  const std::span<double> out = to.numbers(from.rows());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::string_view cell = from[0].texts[i];
    if (data::is_missing(cell)) return missing_text(from, i);
    out[i] = static_cast<double>(std::count_if(cell.begin(), cell.end(), starts_point));
  }
  return {};
}

std::unique_ptr<State> JoinTexts::make_state() const { return std::make_unique<Written>(); }

base::Result<void> JoinTexts::run(const CellSource& from, CellTarget& to, State* state) const {
  std::string& text = text_of(state);
  const std::span<std::string_view> out = to.texts(from.rows());
  for (std::size_t i = 0; i < out.size(); ++i) {
    text.clear();
    for (std::size_t c = 0; c < from.count(); ++c) {
      if (c > 0) text += separator_;
      if (from[c].type == data::ColumnType::Number) {
        append_python_text(from[c].numbers[i], kinds_[c], text);
      } else {
        const std::string_view cell = from[c].texts[i];
        text += data::is_missing(cell) ? std::string_view("nan") : cell;
      }
    }
    out[i] = to.keep(text);
  }
  return {};
}

}  // namespace plan
