#include "plan_cells/cell_regex.h"

#include <vector>

#include <fmt/format.h>

#include "data/frame.h"

namespace plan {
namespace {

struct Searching final : State {
  text::Regex::Scratch scratch;
  std::vector<text::Span> found;
  std::string text;
};

base::Result<void> search(const text::Regex& regex, const CellSource& from, std::size_t row,
                          Searching& state) {
  const std::string_view cell = from[0].texts[row];
  if (data::is_missing(cell)) {
    return base::Error(
        base::Code::Invalid,
        fmt::format("row {}: expected a text, got a missing value", from.row_of_request(row)));
  }
  state.found.clear();
  return regex.find_all(cell, state.scratch, state.found);
}

}  // namespace

std::unique_ptr<State> Matches::make_state() const { return std::make_unique<Searching>(); }

base::Result<void> Matches::run(const CellSource& from, CellTarget& to, State* state) const {
  auto& searching = *static_cast<Searching*>(state);
  const std::span<double> out = to.numbers(from.rows());
  for (std::size_t i = 0; i < out.size(); ++i) {
    TRY(search(regex_, from, i, searching));
    out[i] = searching.found.empty() ? 0 : 1;
  }
  return {};
}

std::unique_ptr<State> ReplaceMatches::make_state() const { return std::make_unique<Searching>(); }

base::Result<void> ReplaceMatches::run(const CellSource& from, CellTarget& to, State* state) const {
  auto& searching = *static_cast<Searching*>(state);
  const std::span<std::string_view> out = to.texts(from.rows());
  for (std::size_t i = 0; i < out.size(); ++i) {
    TRY(search(regex_, from, i, searching));
    const std::string_view cell = from[0].texts[i];
    std::string& text = searching.text;
    text.clear();
    std::size_t at = 0;
    for (const text::Span& span : searching.found) {
      text += cell.substr(at, span.begin - at);
      text += replacement_;
      at = span.end;
    }
    text += cell.substr(at);
    out[i] = to.keep(text);
  }
  return {};
}

}  // namespace plan
