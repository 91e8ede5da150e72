#include "plan_cells/cell_map.h"

#include <cstring>

#include <fmt/format.h>

namespace plan {

struct MapCells::States final : State {
  std::vector<std::unique_ptr<State>> of_parts;
};

std::span<double> CellTarget::numbers(std::size_t rows) {
  std::vector<double>& storage = cells_.numbers[column_];
  storage.resize(rows);
  cells_.columns[column_] = {data::ColumnType::Number, storage, {}};
  return storage;
}

std::span<std::string_view> CellTarget::texts(std::size_t rows) {
  std::vector<std::string_view>& storage = cells_.texts[column_];
  storage.resize(rows);
  cells_.columns[column_] = {data::ColumnType::Text, {}, storage};
  return storage;
}

std::string_view CellTarget::keep(std::string_view text) {
  // NOLINTNEXTLINE(bugprone-string-constructor): empty, yet not missing.
  if (text.empty()) return std::string_view("", 0);
  char* at = cells_.arena.reserve(text.size());
  std::memcpy(at, text.data(), text.size());
  return {at, text.size()};
}

std::string MapCells::describe() const {
  std::string names;
  for (const Part& part : parts_) {
    if (part.function == nullptr) continue;
    names += fmt::format("{}{}", names.empty() ? "" : "; ", part.function->describe());
    if (names.size() > 120) return names + "; ...";
  }
  return names;
}

std::unique_ptr<State> MapCells::make_state() const {
  auto states = std::make_unique<States>();
  for (const Part& part : parts_) {
    states->of_parts.push_back(part.function == nullptr ? nullptr : part.function->make_state());
  }
  return states;
}

base::Result<void> MapCells::run(const Inputs& in, Buffer& out, State* state) const {
  Cells& cells = out.cells;
  cells.rows = in.rows();
  cells.columns.resize(parts_.size());
  cells.numbers.resize(parts_.size());
  cells.texts.resize(parts_.size());
  cells.arena.clear();
  const auto& states = static_cast<States*>(state)->of_parts;
  for (std::size_t k = 0; k < parts_.size(); ++k) {
    const Part& part = parts_[k];
    const CellSource source(in, part.columns);
    if (part.function == nullptr) {
      cells.columns[k] = source[0];
      continue;
    }
    CellTarget target(cells, k);
    TRY(part.function->run(source, target, states[k].get()));
  }
  return {};
}

double MapCells::row_ns() const {
  double sum = 5;
  for (const Part& part : parts_) sum += part.function == nullptr ? 1 : part.function->row_ns();
  return sum;
}

}  // namespace plan
