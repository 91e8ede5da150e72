#include "fitted/pandas.h"

#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "fitted/object.h"
#include "pickle/numbers.h"

// What is read, of pandas 0.23 to 3:
//   Index      _new_Index(class, {"data": array, "name": ...}); RangeIndex has start, stop, step
//   text array ArrowStringArray {_pa_array: _restore_array((type, length, nulls, offset, [validity,
//              offsets, bytes], ...)) or chunked_array([...])}, StringArray {_ndarray: objects}
//   Series     {_mgr: SingleBlockManager of the state ([index], [values], ...)}
//   DataFrame  {_mgr: BlockManager((_unpickle_block(values, places, 2), ...), [columns, index])},
//              before 1.3 of the state ([columns, index], [values, ...], [names, ...], ...)
namespace fitted {
namespace {

using pickle::Kind;
using pickle::Value;
using Cells = std::vector<PandasCell>;

base::Error misfit(std::string_view expected, Value got) {
  return {base::Code::Unsupported, fmt::format("expected {}, got {}", expected, describe(got))};
}

PandasCell cell_of(Value value) {
  if (const auto text = value.as_string()) return std::string(*text);
  if (const auto number = value.as_float(); number && !std::isnan(*number)) return *number;
  return std::monostate();
}

template <typename Offset>
bool offset_at(base::Bytes bytes, std::size_t at, std::uint64_t& offset) {
  Offset read = 0;
  if (at > (bytes.size() / sizeof read) || bytes.size() - at * sizeof read < sizeof read) {
    return false;
  }
  std::memcpy(&read, bytes.data() + at * sizeof read, sizeof read);
  if (read < 0) return false;
  offset = static_cast<std::uint64_t>(read);
  return true;
}

// pyarrow.lib.py_buffer(bytes), or the bytes.
std::optional<base::Bytes> buffer_of(Value value) {
  if (const pickle::Record* record = value.record()) {
    if (record->args.size() == 1) return record->args[0].as_bytes();
    return std::nullopt;
  }
  return value.as_bytes();
}

bool is_valid_at(std::optional<base::Bytes> validity, std::size_t at) {
  if (!validity) return true;
  if (at / 8 >= validity->size()) return false;
  return (static_cast<unsigned>((*validity)[at / 8]) >> (at % 8) & 1U) != 0;
}

// One chunk: (type, length, nulls, offset, buffers, children, ...).
base::Result<void> append_arrow(Value chunk, Cells& cells) {
  const pickle::Record* record = chunk.record();
  const auto parts = record != nullptr && record->args.size() == 1 ? record->args[0].items()
                                                                   : std::span<const Value>();
  if (parts.size() < 5 || parts[4].items().size() != 3) return misfit("an Arrow array", chunk);
  const pickle::Record* type = parts[0].record();
  const auto name =
      type != nullptr && type->args.size() == 1 ? type->args[0].as_string() : std::nullopt;
  const bool large = name == "large_string";
  const auto length = parts[1].as_int();
  const auto first = parts[3].as_int();
  const auto validity = buffer_of(parts[4].items()[0]);
  const auto offsets = buffer_of(parts[4].items()[1]);
  const auto bytes = buffer_of(parts[4].items()[2]);
  if ((!large && name != "string") || !length || !first || *length < 0 || *first < 0 || !offsets ||
      !bytes || static_cast<std::size_t>(*length) > offsets->size() ||
      static_cast<std::size_t>(*first) > offsets->size()) {
    return misfit("an Arrow array of texts", chunk);
  }
  for (std::int64_t i = 0; i < *length; ++i) {
    const auto at = static_cast<std::size_t>(*first + i);
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    const bool read = large ? offset_at<std::int64_t>(*offsets, at, begin) &&
                                  offset_at<std::int64_t>(*offsets, at + 1, end)
                            : offset_at<std::int32_t>(*offsets, at, begin) &&
                                  offset_at<std::int32_t>(*offsets, at + 1, end);
    if (!read || end < begin || end > bytes->size()) {
      return misfit("offsets within the bytes of an Arrow array", chunk);
    }
    if (!is_valid_at(validity, at)) {
      cells.emplace_back();
      continue;
    }
    cells.emplace_back(std::string(base::as_text(*bytes).substr(begin, end - begin)));
  }
  return {};
}

base::Result<Cells> arrow_cells(Value array) {
  const pickle::Record* record = array.record();
  if (record == nullptr) return misfit("an Arrow array", array);
  Cells cells;
  if (record->name() != "chunked_array") {
    TRY(append_arrow(array, cells));
    return cells;
  }
  if (record->args.empty()) return misfit("Arrow arrays", array);
  for (const Value chunk : record->args[0].items()) TRY(append_arrow(chunk, cells));
  return cells;
}

// RangeIndex: nothing of it is bigger than the file, but for what is made of it.
constexpr std::int64_t kRangeMax = 1'000'000;

std::optional<base::Result<Cells>> range_cells(Value value) {
  const pickle::Record* record = value.record();
  if (record == nullptr || record->args.size() != 2 || !record->args[1].find("start")) {
    return std::nullopt;
  }
  const auto part = [&](std::string_view key) {
    const auto found = record->args[1].find(key);
    return found ? found->as_int() : std::nullopt;
  };
  const auto start = part("start");
  const auto stop = part("stop");
  const auto step = part("step");
  if (!start || !stop || !step || *step < 1 || *stop < *start || *start < -kRangeMax ||
      *stop > kRangeMax) {
    return misfit("a range of at most a million", value);
  }
  Cells cells;
  for (std::int64_t at = *start; at < *stop; at += *step) {
    cells.emplace_back(static_cast<double>(at));
  }
  return base::Result<Cells>(std::move(cells));
}

// What manages the blocks of a Series or DataFrame.
base::Result<Value> manager_of(Value value) {
  for (const char* attribute : {"_mgr", "_data"}) {
    if (const auto found = value.find(attribute)) return *found;
  }
  return misfit("a pandas object", value);
}

// Which columns a block holds: a slice or an array of positions.
base::Result<std::vector<std::size_t>> places_of(Value value, std::size_t rows,
                                                 std::size_t columns) {
  std::vector<std::size_t> places;
  const pickle::Record* record = value.record();
  if (record != nullptr && record->name() == "slice" && record->args.size() == 3) {
    const auto start = record->args[0].as_int();
    const auto step = record->args[2].is_none() ? 1 : record->args[2].as_int();
    if (!start || !step || *start < 0 || *step < 1) return misfit("positions of columns", value);
    for (std::size_t i = 0; i < rows; ++i) {
      places.push_back(static_cast<std::size_t>(*start) + i * static_cast<std::size_t>(*step));
    }
  } else {
    TRY_ASSIGN(const auto numbers, doubles_of(value));
    for (const double number : numbers) {
      if (!(number >= 0 && number < static_cast<double>(columns))) {
        return misfit("positions of columns", value);
      }
      places.push_back(static_cast<std::size_t>(number));
    }
  }
  if (places.size() != rows) return misfit("a position for each column", value);
  for (const std::size_t place : places) {
    if (place >= columns) return misfit("positions of columns", value);
  }
  return places;
}

// A block of `rows` columns of numbers, each of `length`.
base::Result<void> place_block(Value values, Value where, PandasFrame& frame) {
  const pickle::Array* array = values.array();
  const std::size_t length = frame.index.size();
  if (array == nullptr || array->shape.size() != 2 || array->shape[1] != length) {
    return misfit("a block of numbers", values);
  }
  const std::size_t rows = array->shape[0];
  if (rows > frame.columns.size()) return misfit("a block of fewer columns", values);
  TRY_ASSIGN(const auto numbers, doubles_of(values));
  TRY_ASSIGN(const auto places, places_of(where, rows, frame.columns.size()));
  for (std::size_t r = 0; r < rows; ++r) {
    frame.values[places[r]].assign(numbers.begin() + static_cast<std::ptrdiff_t>(r * length),
                                   numbers.begin() + static_cast<std::ptrdiff_t>((r + 1) * length));
  }
  return {};
}

struct Axes {
  Value columns;
  Value index;
};

base::Result<Axes> axes_of(Value axes) {
  if (axes.items().size() != 2) return misfit("columns and index", axes);
  return Axes{axes.items()[0], axes.items()[1]};
}

base::Result<void> read_axes(const Axes& axes, PandasFrame& frame) {
  TRY_ASSIGN(const Cells columns, cells_of(axes.columns));
  for (const PandasCell& cell : columns) {
    if (const auto* text = std::get_if<std::string>(&cell)) {
      frame.columns.push_back(*text);
    } else if (const double* number = std::get_if<double>(&cell)) {
      frame.columns.push_back(fmt::format("{}", *number));
    } else {
      return misfit("names of columns", axes.columns);
    }
  }
  TRY_ASSIGN(frame.index, cells_of(axes.index));
  frame.values.resize(frame.columns.size());
  return {};
}

// The state of managers that say their blocks by themselves: {"0.14.1": {"axes", "blocks"}}.
std::optional<Value> spelled_out(std::span<const Value> state) {
  if (state.size() < 4) return std::nullopt;
  const auto entries = state[3].entries();
  return entries.empty() ? std::nullopt : std::optional(entries[0].value);
}

base::Result<void> read_blocks(Value manager, PandasFrame& frame) {
  const pickle::Record* record = manager.record();
  if (record == nullptr) return misfit("a block manager", manager);
  if (record->args.size() == 2 && record->args[0].is(Kind::Tuple)) {
    TRY_ASSIGN(const Axes axes, axes_of(record->args[1]));
    TRY(read_axes(axes, frame));
    for (const Value block : record->args[0].items()) {
      const pickle::Record* made = block.record();
      if (made == nullptr || made->args.size() < 2) return misfit("a block", block);
      TRY(place_block(made->args[0], made->args[1], frame));
    }
    return {};
  }
  const auto state = record->state ? spelled_out(record->state->items()) : std::nullopt;
  const auto axes_value = state ? state->find("axes") : std::nullopt;
  const auto blocks = state ? state->find("blocks") : std::nullopt;
  if (!axes_value || !blocks) return misfit("a block manager", manager);
  TRY_ASSIGN(const Axes axes, axes_of(*axes_value));
  TRY(read_axes(axes, frame));
  for (const Value block : blocks->items()) {
    const auto values = block.find("values");
    const auto where = block.find("mgr_locs");
    if (!values || !where) return misfit("a block", block);
    TRY(place_block(*values, *where, frame));
  }
  return {};
}

}  // namespace

Value unwrap_index(Value value) {
  const pickle::Record* record = value.record();
  if (record == nullptr) return value;
  if (record->name() == "_new_Index" && record->args.size() == 2) {
    return record->args[1].find("data").value_or(value);
  }
  if (record->name() == "_RemainderColsList") return value.find("data").value_or(value);
  return value;
}

std::optional<base::Result<Cells>> find_string_array(Value value) {
  const pickle::Record* record = value.record();
  if (record == nullptr) return std::nullopt;
  if (const auto arrow = value.find("_pa_array")) return arrow_cells(*arrow);
  // Cython's own way, of pandas 3 without Arrow: the class, a check, and the array in the state.
  if (record->name() == "__pyx_unpickle_NDArrayBacked" && !record->args.empty() && record->state) {
    if (record->args[0].name().find("String") == std::string_view::npos) return std::nullopt;
    for (const Value part : record->state->items()) {
      if (part.array() != nullptr) return cells_of(part);
    }
  }
  if (record->name() == "StringArray" || record->name().ends_with("StringArrayNumpySemantics")) {
    if (const auto objects = value.find("_ndarray")) return cells_of(*objects);
  }
  return std::nullopt;
}

base::Result<Cells> cells_of(Value wrapped) {
  if (auto range = range_cells(wrapped)) return *std::move(range);
  const Value value = unwrap_index(wrapped);
  if (auto texts = find_string_array(value)) return *std::move(texts);
  const pickle::Array* array = value.array();
  Cells cells;
  if (array != nullptr && array->dtype.kind != 'O') {
    if (array->dtype.kind == 'U' || array->dtype.kind == 'S') {
      TRY_ASSIGN(auto texts, pickle::to_strings(*array));
      for (std::string& text : texts) cells.emplace_back(std::move(text));
      return cells;
    }
    TRY_ASSIGN(const auto numbers, pickle::to_doubles(*array));
    for (const double number : numbers) {
      cells.push_back(std::isnan(number) ? PandasCell() : PandasCell(number));
    }
    return cells;
  }
  const auto items = array != nullptr ? array->objects : value.items();
  if (array == nullptr && !value.is(Kind::List) && !value.is(Kind::Tuple)) {
    return misfit("an index or an array", value);
  }
  for (const Value item : items) cells.push_back(cell_of(item));
  return cells;
}

base::Result<PandasSeries> series_of(Value value) {
  TRY_ASSIGN(const Value manager, manager_of(value));
  const pickle::Record* record = manager.record();
  if (record == nullptr) return misfit("a Series", value);
  std::optional<Value> index;
  std::optional<Value> values;
  if (record->state && record->state->items().size() >= 2) {
    const auto axes = record->state->items()[0].items();
    const auto blocks = record->state->items()[1].items();
    if (axes.size() == 1 && blocks.size() == 1) {
      index = axes[0];
      values = blocks[0];
    }
  } else if (record->args.size() == 2 && record->args[1].items().size() == 1) {
    const auto blocks = record->args[0].items();
    const pickle::Record* block =
        blocks.size() == 1 ? blocks[0].record() : record->args[0].record();
    if (block != nullptr && !block->args.empty()) {
      index = record->args[1].items()[0];
      values = block->args[0];
    }
  }
  if (!index || !values) return misfit("a Series", value);
  PandasSeries series;
  TRY_ASSIGN(series.index, cells_of(*index));
  TRY_ASSIGN(series.values, cells_of(*values));
  if (series.index.size() != series.values.size()) return misfit("a Series", value);
  return series;
}

base::Result<PandasFrame> frame_of(Value value) {
  TRY_ASSIGN(const Value manager, manager_of(value));
  PandasFrame frame;
  TRY(read_blocks(manager, frame));
  for (const auto& column : frame.values) {
    if (column.size() != frame.index.size()) return misfit("a DataFrame of numbers", value);
  }
  return frame;
}

}  // namespace fitted
