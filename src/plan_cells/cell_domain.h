#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "plan/categories.h"
#include "plan_cells/cell_map.h"

namespace plan {

// What a domain does with cells: which count as missing, which are valid, and what becomes of the
// others. A cell is a number or a text, as its column is.
struct CellRules {
  enum class Treatment : std::uint8_t { Keep, Refuse, AsMissing, Put };
  using Put = std::variant<std::monostate, double, std::string>;

  // Numbers and texts that count as missing; `null`: those that are none do.
  bool null = true;
  std::vector<double> missing_numbers;
  std::vector<std::string> missing_texts;
  bool missing_refused = false;
  // What is put where one is missing; nothing: it stays, or becomes none where `missing_to_null`.
  Put missing_put;
  bool missing_to_null = false;
  // What a cell becomes that is treated as missing and for which nothing is put.
  Put missing_value;

  // The valid ones: all, these, or those within bounds.
  std::optional<Categories> categories;
  std::optional<double> least;
  std::optional<double> most;
  Treatment invalid = Treatment::Refuse;
  Put invalid_put;

  // Valid numbers below or above become missing, or the bound.
  enum class Outlier : std::uint8_t { Keep, AsMissing, AsExtreme };
  Outlier outlier = Outlier::Keep;
  double low = 0;
  double high = 0;

  // Whether every cell stays what it is.
  bool does_nothing() const;
};

// One column under such rules (sklearn2pmml's Domain.transform).
class CheckDomain final : public CellFunction {
 public:
  // `name` is what messages call the column.
  CheckDomain(data::ColumnType type, CellRules rules, std::string name);
  data::ColumnType type() const override { return type_; }
  std::string describe() const override;
  base::Result<void> run(const CellSource& from, CellTarget& to, State*) const override;
  double row_ns() const override { return rules_.categories ? 30 : 5; }

 private:
  base::Result<void> run_numbers(const CellSource& from, CellTarget& to) const;
  base::Result<void> run_texts(const CellSource& from, CellTarget& to) const;
  bool is_missing(double x) const;
  bool is_missing(std::string_view text) const;
  bool is_valid(double x) const;
  base::Error refusal(const CellSource& from, std::size_t row, bool missing) const;

  data::ColumnType type_;
  CellRules rules_;
  std::string name_;
  double missing_put_ = 0;
  double missing_value_ = 0;
  double invalid_put_ = 0;
};

}  // namespace plan
