#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plan/builder.h"
#include "plan_cells/cell_map.h"
#include "text/unicode.h"

namespace plan {

// Appends what Python's str() makes of a number of a column: "3", "3.0", "True", "nan". Of a kind
// that nobody knows a whole number is written as an integer.
void append_python_text(double number, NumberKind kind, std::string& out);

// Cells that make texts.

// Numbers as Python writes them; what is missing stays so.
class NumberText final : public CellFunction {
 public:
  explicit NumberText(NumberKind kind) : kind_(kind) {}
  data::ColumnType type() const override { return data::ColumnType::Text; }
  std::string describe() const override { return "numbers as texts"; }
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const CellSource& from, CellTarget& to, State* state) const override;
  double row_ns() const override { return 80; }

 private:
  NumberKind kind_;
};

// Texts in another case, without space around them, or a part of them.
struct TextChange {
  enum class Case : std::uint8_t { Same, Lower, Upper };
  Case to = Case::Same;
  bool strip = false;
  // Code points [begin, end), where `slice`.
  bool slice = false;
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Refuses a row whose text holds letters beyond ASCII where upper case is asked for.
class ChangeText final : public CellFunction {
 public:
  ChangeText(TextChange change, text::PythonVersion python);
  data::ColumnType type() const override { return data::ColumnType::Text; }
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const CellSource& from, CellTarget& to, State* state) const override;
  double row_ns() const override { return 80; }

 private:
  std::string_view stripped(std::string_view text) const;
  std::string_view sliced(std::string_view text) const;

  TextChange change_;
  const text::Unicode& unicode_;
};

// The number of code points; that of what is missing is refused.
class TextLength final : public CellFunction {
 public:
  data::ColumnType type() const override { return data::ColumnType::Number; }
  std::string describe() const override { return "lengths of texts"; }
  base::Result<void> run(const CellSource& from, CellTarget& to, State*) const override;
};

// What str() makes of several cells, with a separator between them.
class JoinTexts final : public CellFunction {
 public:
  JoinTexts(std::string separator, std::vector<NumberKind> kinds)
      : separator_(std::move(separator)), kinds_(std::move(kinds)) {}
  data::ColumnType type() const override { return data::ColumnType::Text; }
  std::string describe() const override { return "texts joined"; }
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const CellSource& from, CellTarget& to, State* state) const override;
  double row_ns() const override { return 100; }

 private:
  std::string separator_;
  std::vector<NumberKind> kinds_;
};

}  // namespace plan
