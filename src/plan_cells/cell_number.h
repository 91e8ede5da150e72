#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan_cells/cell_map.h"

namespace plan {

// Cells that make numbers.

// What a number or a text becomes as another type (NumPy's astype).
struct NumberCast {
  enum class To : std::uint8_t { Float, Float32, Integer, Bool };
  To to = To::Float;
  unsigned bits = 64;  // Of an integer: beyond them it wraps around.
  bool is_signed = true;
  bool missing_stays = false;  // Also where it becomes an integer.
};

// Refuses a row whose text is no number, and a missing value as an integer unless it may be one.
class CastNumber final : public CellFunction {
 public:
  explicit CastNumber(NumberCast cast) : cast_(cast) {}
  data::ColumnType type() const override { return data::ColumnType::Number; }
  std::string describe() const override { return "cells as numbers of a type"; }
  base::Result<void> run(const CellSource& from, CellTarget& to, State*) const override;

 private:
  base::Result<double> number_of(const CellSource& from, std::size_t row) const;
  double cast(double number) const;
  NumberCast cast_;
};

// Which of the intervals between edges a number falls in (pandas.cut).
class Cut final : public CellFunction {
 public:
  struct Rules {
    std::vector<double> edges;  // Ascending, at least two.
    bool right = true;          // Closed on the right, else on the left.
    bool include_lowest = true;
    // Of the intervals; else their numbers, from 0.
    std::vector<std::string> texts;
    std::vector<double> numbers;
  };
  explicit Cut(Rules rules) : rules_(std::move(rules)) {}
  data::ColumnType type() const override {
    return rules_.texts.empty() ? data::ColumnType::Number : data::ColumnType::Text;
  }
  std::string describe() const override;
  base::Result<void> run(const CellSource& from, CellTarget& to, State*) const override;

 private:
  std::optional<std::size_t> interval(double x) const;
  Rules rules_;
};

// Seconds since 1970 of a date and time as ISO 8601 writes it without a time zone: "1968-12-21",
// "1968-12-21T12:51:00", "1968-12-21 12:51:00.5"; nothing for another text.
std::optional<double> parse_date(std::string_view text);

// Dates as seconds since 1970, whole ones or whole days; what is missing stays so.
class ParseDate final : public CellFunction {
 public:
  explicit ParseDate(bool whole_days) : whole_days_(whole_days) {}
  data::ColumnType type() const override { return data::ColumnType::Number; }
  std::string describe() const override { return "dates as seconds"; }
  base::Result<void> run(const CellSource& from, CellTarget& to, State*) const override;

 private:
  bool whole_days_;
};

// The time from one moment to a date, whole and rounded down; a missing date is refused.
class SinceDate final : public CellFunction {
 public:
  enum class Unit : std::uint8_t { Days, Seconds, SecondsOfDay };
  SinceDate(double epoch, Unit unit) : epoch_(epoch), unit_(unit) {}
  data::ColumnType type() const override { return data::ColumnType::Number; }
  std::string describe() const override { return "time since a date"; }
  base::Result<void> run(const CellSource& from, CellTarget& to, State*) const override;

 private:
  double epoch_;
  Unit unit_;
};

// Numbers to a whole power (numpy.power).
class RaisePower final : public CellFunction {
 public:
  explicit RaisePower(std::int64_t power) : power_(power) {}
  data::ColumnType type() const override { return data::ColumnType::Number; }
  std::string describe() const override;
  base::Result<void> run(const CellSource& from, CellTarget& to, State*) const override;

 private:
  std::int64_t power_;
};

// One number of several, NaN left out (numpy.nanmean and its like).
class Aggregate final : public CellFunction {
 public:
  enum class Function : std::uint8_t { Mean, Sum, Product, Least, Most };
  explicit Aggregate(Function function) : function_(function) {}
  data::ColumnType type() const override { return data::ColumnType::Number; }
  std::string describe() const override { return "one number of several"; }
  base::Result<void> run(const CellSource& from, CellTarget& to, State*) const override;

 private:
  double of_row(const CellSource& from, std::size_t row) const;
  Function function_;
};

}  // namespace plan
