#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "plan_cells/cell_map.h"

namespace plan {

// The value that a mapping has for one or several cells.
class Lookup final : public CellFunction {
 public:
  // A number, a text, or nothing: a missing value.
  using Cell = std::variant<std::monostate, double, std::string>;
  struct Rules {
    // Of as many cells as columns are read.
    std::vector<std::pair<std::vector<Cell>, Cell>> mapping;
    data::ColumnType type = data::ColumnType::Text;  // Of the values.
    Cell absent;                                     // What is not mapped becomes this,
    bool absent_stays = false;                       // or stays, where the type is the same.
  };
  explicit Lookup(Rules rules);
  data::ColumnType type() const override { return rules_.type; }
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const CellSource& from, CellTarget& to, State* state) const override;
  double row_ns() const override { return 60; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  const Cell* find(const CellSource& from, std::size_t row, std::string& key) const;

  Rules rules_;
  std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> by_key_;
};

}  // namespace plan
