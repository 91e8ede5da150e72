#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "plan/categories.h"
#include "plan/columns.h"
#include "plan/plan.h"

namespace plan {

// Past so many features a step's have no names: they would cost more than they say.
inline constexpr std::size_t kNamedFeaturesMax = 10'000;

// What Python holds for a number of a column, where somebody knows: it decides how it is written.
// Category: a value of a pandas column of categories, of which some libraries take the code.
enum class NumberKind : std::uint8_t { Unknown, Int, Float, Bool, Category };

// What Python holds in a column, as far as somebody knows.
struct FeatureKind {
  FeatureKind(NumberKind of = NumberKind::Unknown)  // NOLINT(google-explicit-constructor)
      : number(of) {}

  NumberKind number;
  // NumberKind::Category: what its column takes, of which the n-th has the code n. Null: nobody
  // has said it.
  std::shared_ptr<const Categories> categories;
};

// An end that the next step can be wired to: columns of the input that nobody has typed yet, what a
// step left, or several of those side by side, which nobody has read yet.
struct Port {
  enum class Kind : std::uint8_t { Input, Columns, Slot, Stack };
  Kind kind = Kind::Input;
  std::vector<std::size_t> columns;     // Kind::Columns: which of the signature's.
  std::size_t slot = 0;                 // Kind::Slot
  Form form = Form::Dense;              // Kind::Slot
  std::vector<data::ColumnType> types;  // Kind::Slot of Form::Cells: of its columns.
  std::vector<Port> parts;              // Kind::Stack, none of them a stack.
  std::size_t width = 0;                // Features. Kind::Input: unknown until it is declared.
  std::vector<std::string> names;       // Of the features, or empty where nobody knows.
  std::vector<FeatureKind> kinds;       // Of the features, or empty where nobody knows.
  // Numbers that a client sent are among them, or what was computed of such.
  bool sent = false;
  // Sparse rows that scikit-learn has spread out by here.
  bool spread = false;
  // One column that scikit-learn answers as one dimension, where it is not the method that says so.
  bool flat = false;

  // Of a stack too.
  FeatureKind feature_kind(std::size_t feature) const;
  NumberKind kind_of(std::size_t feature) const { return feature_kind(feature).number; }
};

// Makes a Plan step by step. Types of input columns follow from what first reads them: a scaler
// makes a column a number, a vectoriser makes it text, and two who disagree are refused.
class Builder {
 public:
  // The whole input.
  static Port input() { return {}; }

  // An input's columns as they are known by now; any other port, and an input of which none is
  // known, is itself.
  Port whole(const Port& from) const {
    return from.kind == Port::Kind::Input && !columns_.empty() ? all_columns() : from;
  }

  // Says which columns the input has, in their order; the first to say so decides, and whoever
  // comes later gets those.
  Port declare(const Port& input, std::span<const std::string> names);
  // Same for an input whose columns have no names: x0, x1, ... Refuses more than
  // kInputColumnsMax of them, which cost a file nothing to ask for.
  static constexpr std::size_t kInputColumnsMax = 1'000'000;
  base::Result<Port> declare(const Port& input, std::size_t count);

  // What the input's columns are where a step takes as many as come and nobody has said how many:
  // there are models that do not hold it. Without it such a step is refused.
  void assume(std::vector<std::string> names) { assumed_ = std::move(names); }
  // Whether a step asked for that.
  bool asked_for_columns() const { return asked_for_columns_; }
  // The first number of features that a step refused, and the one that it expected instead.
  struct Mismatch {
    std::size_t expected = 0;
    std::size_t got = 0;
  };
  const std::optional<Mismatch>& mismatch() const { return mismatch_; }

  // Columns by name; an input nobody declared gets them in the order of asking.
  base::Result<Port> select(const Port& from, std::span<const std::string> names);
  // Columns by position (of an input's columns, or of what a step left).
  base::Result<Port> select(const Port& from, std::span<const std::size_t> positions);

  // The port as numbers, row by row: columns are gathered, sparse rows spread out.
  base::Result<Port> dense(const Port& from, std::optional<std::size_t> width = std::nullopt);
  // The port with its rows spread out where scikit-learn has spread them by here: for whoever
  // computes otherwise with sparse rows than with others.
  base::Result<Port> settled(const Port& from) {
    return from.form == Form::Sparse && from.spread ? dense(from) : base::Result<Port>(from);
  }
  // The port as sparse rows.
  base::Result<Port> sparse(const Port& from);
  // The port as numbers in whichever form it has them.
  base::Result<Port> numeric(const Port& from, std::optional<std::size_t> width = std::nullopt);
  // The one text column of the port, as cells.
  base::Result<Port> text(const Port& from);
  // The one column of the port, as cells that hold JSON; of an input that nobody declared it is the
  // row itself. Refuses what steps before have made.
  base::Result<Port> json(const Port& from, data::Json form);
  // Says that rows may omit columns of the input, and whether they may have others.
  void omit(const Port& from);
  void open_rows() { open_ = true; }
  // The port as a table of columns with these types.
  base::Result<Port> cells(const Port& from, std::span<const data::ColumnType> types);
  // Features side by side: sparse where one of them is. Columns that nobody has typed stay so, and
  // cells stay cells, until somebody reads the whole.
  base::Result<Port> hstack(std::span<const Port> parts);
  // `from` as numbers, checked to be finite.
  base::Result<Port> finite(const Port& from, std::optional<std::size_t> width,
                            Allowed allowed = {});

  // Counts an estimator that writes itself. Those that ask a member twice, one in another, could
  // go on for ever. Refuses more than kPartsMax.
  static constexpr std::size_t kPartsMax = 1'000'000;
  base::Result<void> count_part();
  // Keeps a port under a name for whoever asks for it later; `memory` tells memories apart.
  void remember(const void* memory, const std::string& name, const Port& port);
  base::Result<Port> recall(const void* memory, const std::string& name) const;

  // What each feature of the port is, nothing where nobody has said it yet.
  std::vector<std::optional<data::ColumnType>> known_types(const Port& from) const;

  // Says which categories a column of the port was fitted with, if it is a column of the input.
  void know_categories(const Port& from, std::size_t position, const Categories& categories);

  // Wires a step. The output has `width` features in `form`. Where the same step was wired to the
  // same ends before, its output is given once more: fifty estimators that each gather and check
  // the same columns do so once.
  Port add(std::shared_ptr<const Step> step, std::span<const Port> from, Form form,
           std::size_t width, std::vector<std::string> names = {});
  Port add(std::shared_ptr<const Step> step, const Port& from, Form form, std::size_t width,
           std::vector<std::string> names = {}) {
    return add(std::move(step), std::span<const Port>(&from, 1), form, width, std::move(names));
  }

  // The same for a step that leaves cells of these types.
  Port add_cells(std::shared_ptr<const Step> step, const Port& from,
                 std::vector<data::ColumnType> types, std::vector<std::string> names = {},
                 std::vector<FeatureKind> kinds = {});

  // The plan whose answer is at `result`. Columns that nothing reads are marked unused.
  base::Result<Plan> finish(const Port& result, Output output) &&;

 private:
  struct Column {
    std::string name;
    std::optional<data::ColumnType> type;
    std::vector<std::string> categories;
    bool optional = false;
    data::Json json = data::Json::None;
    bool whole = false;
  };
  base::Result<void> type_columns(std::span<const std::size_t> columns,
                                  std::span<const data::ColumnType> types);
  std::size_t column(std::string_view name);
  Port all_columns() const;
  // Makes an input whose columns nobody has said what assume() was told.
  base::Result<void> take_assumed();
  base::Error wrong_width(std::string_view what, std::size_t expected, std::size_t got);
  base::Result<Port> stack(std::span<const Port> parts, std::vector<std::string> names,
                           std::size_t width);
  base::Result<Port> stack_numbers(const Port& from);
  base::Result<Port> stack_cells(const Port& from, std::span<const data::ColumnType> types);
  base::Result<Port> select_of_stack(const Port& from, std::span<const std::size_t> positions);
  base::Result<Port> numbers_of_cells(const Port& from);
  // Counts columns that a port or a step lists one by one; refuses a plan that lists too many.
  base::Result<void> wire(std::size_t columns);
  // Where what `instruction` leaves already is, as far as that is quickly found.
  std::optional<std::size_t> find_same(const Instruction& instruction, std::size_t key) const;

  std::vector<Column> columns_;
  std::unordered_map<std::string, std::size_t> by_name_;
  std::map<std::pair<const void*, std::string>, Port> remembered_;
  bool declared_ = false;
  bool named_ = true;
  bool open_ = false;
  std::vector<std::string> assumed_;
  bool asked_for_columns_ = false;
  std::optional<Mismatch> mismatch_;
  std::size_t wired_ = 0;
  std::vector<Instruction> instructions_;
  // By kind of step and inputs.
  std::unordered_map<std::size_t, std::vector<std::size_t>> alike_;
  std::size_t parts_ = 0;
};

}  // namespace plan
