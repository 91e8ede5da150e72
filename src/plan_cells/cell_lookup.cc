#include "plan_cells/cell_lookup.h"

#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "data/frame.h"

namespace plan {
namespace {

struct Key final : State {
  std::string text;
};

void append_key(double number, std::string& key) {
  number += 0.0;  // -0.0 is 0.0.
  key.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void append_key(std::string_view text, std::string& key) {
  const std::size_t size = text.size();
  key.append(reinterpret_cast<const char*>(&size), sizeof size);
  key += text;
}

}  // namespace

Lookup::Lookup(Rules rules) : rules_(std::move(rules)) {
  for (std::size_t i = 0; i < rules_.mapping.size(); ++i) {
    std::string key;
    for (const Cell& cell : rules_.mapping[i].first) {
      if (const double* number = std::get_if<double>(&cell)) append_key(*number, key);
      if (const auto* text = std::get_if<std::string>(&cell))
        append_key(std::string_view(*text), key);
    }
    by_key_.insert_or_assign(std::move(key), i);
  }
}

std::string Lookup::describe() const { return fmt::format("look up {} values", by_key_.size()); }

std::unique_ptr<State> Lookup::make_state() const { return std::make_unique<Key>(); }

// What is missing is mapped to nothing.
const Lookup::Cell* Lookup::find(const CellSource& from, std::size_t row, std::string& key) const {
  static const Cell kMissing;
  key.clear();
  for (std::size_t c = 0; c < from.count(); ++c) {
    if (from[c].type == data::ColumnType::Number) {
      if (std::isnan(from[c].numbers[row])) return &kMissing;
      append_key(from[c].numbers[row], key);
    } else {
      if (data::is_missing(from[c].texts[row])) return &kMissing;
      append_key(from[c].texts[row], key);
    }
  }
  const auto at = by_key_.find(std::string_view(key));
  if (at != by_key_.end()) return &rules_.mapping[at->second].second;
  return rules_.absent_stays ? nullptr : &rules_.absent;
}

base::Result<void> Lookup::run(const CellSource& from, CellTarget& to, State* state) const {
  std::string& key = static_cast<Key*>(state)->text;
  if (rules_.type == data::ColumnType::Number) {
    const std::span<double> out = to.numbers(from.rows());
    for (std::size_t i = 0; i < out.size(); ++i) {
      const Cell* cell = find(from, i, key);
      const double* number = cell == nullptr ? nullptr : std::get_if<double>(cell);
      out[i] = cell == nullptr     ? from[0].numbers[i]
               : number == nullptr ? data::kMissingNumber
                                   : *number;
    }
    return {};
  }
  const std::span<std::string_view> out = to.texts(from.rows());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const Cell* cell = find(from, i, key);
    const auto* text = cell == nullptr ? nullptr : std::get_if<std::string>(cell);
    if (cell == nullptr) {
      out[i] = from[0].texts[i];
    } else {
      out[i] = text == nullptr ? data::kMissingText : std::string_view(*text);
    }
  }
  return {};
}

}  // namespace plan
