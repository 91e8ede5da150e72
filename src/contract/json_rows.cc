#include "contract/json_rows.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "contract/request_fields.h"
#include "table/columns.h"

namespace contract {
namespace {

using base::Code;
using base::Error;
namespace ondemand = simdjson::ondemand;

Error no_row(std::string_view what) {
  return {Code::Invalid, fmt::format("{}: expected at least one row, got none", what)};
}

// Of one column: a row, or its text as {"b64": "..."}, unless that is the column's name.
base::Result<void> read_object_or_cell(Reader& reader, ondemand::value value, std::size_t row) {
  const data::Column& column = reader.ask.offer.inputs().columns.front();
  ondemand::object object;
  if (const auto code = value.get_object().get(object)) {
    return reader.json.error(code, fmt::format("row {}", row), "an object");
  }
  bool is_base64 = false;
  if (column.type == data::ColumnType::Text && column.name != "b64") {
    for (auto each : object) {
      ondemand::field field;
      // Behind an error the object cannot be read again from its begin.
      if (const auto code = std::move(each).get(field)) {
        return reader.json.error(code, fmt::format("row {}", row), "JSON");
      }
      is_base64 = field.key() == "b64";
      break;
    }
    if (const auto code = object.reset().error()) {
      return reader.json.error(code, fmt::format("row {}", row), "JSON");
    }
  }
  return is_base64 ? reader.rows.read_base64(object, reader.ask.frame, row, 0)
                   : reader.rows.read_object(object, reader.ask.frame, row);
}

base::Result<void> read_json_row(Reader& reader, ondemand::value value, std::size_t row) {
  if (reader.ask.offer.inputs().columns.size() != 1 || reader.rows.takes_whole())
    return reader.rows.read_row(value, reader.ask.frame, row);
  ondemand::json_type type{};
  const bool typed = value.type().get(type) == simdjson::SUCCESS;
  if (typed && type == ondemand::json_type::object) return read_object_or_cell(reader, value, row);
  if (typed && type == ondemand::json_type::array) {
    return reader.rows.read_row(value, reader.ask.frame, row);
  }
  return reader.rows.read_cell(value, reader.ask.frame, row, 0);
}

base::Result<void> read_row_by_positions(Reader& reader, ondemand::value value, std::size_t row) {
  ondemand::array cells;
  if (const auto code = value.get_array().get(cells)) {
    return reader.json.error(code, fmt::format("row {}", row), "an array of cells");
  }
  std::size_t count = 0;
  for (auto each : cells) {
    ondemand::value cell;
    if (const auto code = std::move(each).get(cell)) {
      return reader.json.error(code, fmt::format("row {}", row), "JSON");
    }
    if (count < reader.positions.size() && reader.positions[count] != Reader::kNoColumn) {
      TRY(reader.rows.read_cell(cell, reader.ask.frame, row, reader.positions[count]));
    }
    ++count;
  }
  if (count == reader.positions.size()) return {};
  return Error(Code::Invalid, fmt::format("row {}: expected {} cells, got {}", row,
                                          reader.positions.size(), count));
}

using ReadRow = base::Result<void> (*)(Reader&, ondemand::value, std::size_t);

base::Result<void> read_each_row(Reader& reader, ondemand::value value, std::string_view what,
                                 ReadRow read) {
  ondemand::array rows;
  if (const auto code = value.get_array().get(rows)) {
    return reader.json.error(code, what, "an array of rows");
  }
  for (auto each : rows) {
    const std::size_t row = reader.ask.frame.add_row();
    ondemand::value one;
    if (const auto code = std::move(each).get(one)) {
      return reader.json.error(code, fmt::format("row {}", row), "JSON");
    }
    TRY(read(reader, one, row));
  }
  if (reader.ask.frame.rows() == 0) return no_row(what);
  return {};
}

// One cell, in an array of its own or not.
base::Result<void> read_column_cell(Reader& reader, ondemand::value value, std::size_t row,
                                    std::size_t column) {
  ondemand::json_type type{};
  const bool typed = value.type().get(type) == simdjson::SUCCESS;
  const bool holds_json = reader.ask.offer.inputs().columns[column].json != data::Json::None;
  if (holds_json || !typed || type != ondemand::json_type::array) {
    return reader.rows.read_cell(value, reader.ask.frame, row, column);
  }
  ondemand::array cells;
  if (const auto code = value.get_array().get(cells)) {
    return reader.json.error(code, fmt::format("row {}", row), "JSON");
  }
  std::size_t count = 0;
  for (auto each : cells) {
    ondemand::value cell;
    if (const auto code = std::move(each).get(cell)) {
      return reader.json.error(code, fmt::format("row {}", row), "JSON");
    }
    if (count++ == 0) TRY(reader.rows.read_cell(cell, reader.ask.frame, row, column));
  }
  if (count == 1) return {};
  return Error(Code::Invalid,
               fmt::format("row {}, column {}: expected one cell, got {}", row,
                           base::quote(reader.ask.offer.inputs().columns[column].name), count));
}

// The first column makes the rows, the others must have as many.
base::Result<void> read_column(Reader& reader, ondemand::value value, std::size_t column,
                               bool first) {
  const std::string& name = reader.ask.offer.inputs().columns[column].name;
  ondemand::array cells;
  if (const auto code = value.get_array().get(cells)) {
    return reader.json.error(code, fmt::format("column {}", base::quote(name)),
                             "an array of cells");
  }
  std::size_t row = 0;
  for (auto each : cells) {
    if (first) reader.ask.frame.add_row();
    if (row == reader.ask.frame.rows()) {
      ++row;  // One too many.
      break;
    }
    ondemand::value cell;
    if (const auto code = std::move(each).get(cell)) {
      return reader.json.error(code, fmt::format("column {}", base::quote(name)), "JSON");
    }
    TRY(read_column_cell(reader, cell, row, column));
    ++row;
  }
  if (row == reader.ask.frame.rows() && !(first && row == 0)) return {};
  return Error(Code::Invalid, fmt::format("column {}: expected {} cells as the column before, got "
                                          "another number",
                                          base::quote(name), reader.ask.frame.rows()));
}

// Whether each column that the model reads is among the positions.
base::Result<void> check_columns(const Reader& reader, std::string_view what) {
  const data::Signature& signature = reader.ask.offer.inputs();
  const std::vector<std::size_t>& positions = reader.positions;
  for (std::size_t c = 0; c < signature.columns.size(); ++c) {
    if (!signature.columns[c].required()) continue;
    if (std::find(positions.begin(), positions.end(), c) != positions.end()) continue;
    return Error(Code::Invalid, fmt::format("{}: column {}: expected it, got none", what,
                                            base::quote(signature.columns[c].name)));
  }
  return {};
}

// What the keys beside the rows say, so that the rows can be read whatever came first.
struct SplitHead {
  bool has_columns = false;
  bool has_data = false;
};

base::Result<SplitHead> read_split_head(Reader& reader, ondemand::object& object,
                                        std::string_view what) {
  SplitHead head;
  const auto read_one = [&](ondemand::field& field) -> base::Result<void> {
    const auto key = field.key();
    if (key == "columns") {
      TRY(read_json_names(reader, field.value()));
      head.has_columns = true;
    } else if (key == "data") {
      head.has_data = true;
    } else if (!(key == "index")) {
      return unknown_key(field, reader.json, {"columns", "index", "data"});
    }
    return {};
  };
  TRY(for_each_field(reader.json, object, what, read_one));
  if (const auto code = object.reset().error()) return reader.json.error(code, what, "JSON");
  if (head.has_data) return head;
  return Error(Code::Invalid, fmt::format("{}: expected a key \"data\", got none", what));
}

}  // namespace

base::Result<void> read_json_rows(Reader& reader, ondemand::value value, std::string_view what) {
  return read_each_row(reader, value, what, read_json_row);
}

base::Result<void> read_json_positions(Reader& reader, ondemand::value value,
                                       std::string_view what) {
  return read_each_row(reader, value, what, read_row_by_positions);
}

base::Result<void> read_json_columns(Reader& reader, ondemand::object object,
                                     std::string_view what) {
  const data::Signature& signature = reader.ask.offer.inputs();
  reader.positions.clear();
  const auto read_one = [&](ondemand::field& field) -> base::Result<void> {
    std::string_view name;
    if (const auto code = field.unescaped_key().get(name)) {
      return reader.json.error(code, what, "JSON");
    }
    const auto column = signature.find(name);
    if (!column && reader.rows.drops_unknown()) return {};
    if (!column) return table::unknown_column(name, signature).within(what);
    if (std::find(reader.positions.begin(), reader.positions.end(), *column) !=
        reader.positions.end()) {
      return Error(Code::Invalid,
                   fmt::format("column {}: expected it once, got it twice", base::quote(name)));
    }
    TRY(read_column(reader, field.value(), *column, reader.positions.empty()));
    reader.positions.push_back(*column);
    return {};
  };
  TRY(for_each_field(reader.json, object, what, read_one));
  TRY(check_columns(reader, what));
  if (reader.ask.frame.rows() == 0) return no_row(what);
  return {};
}

base::Result<void> read_json_names(Reader& reader, ondemand::value value) {
  const data::Signature& signature = reader.ask.offer.inputs();
  std::vector<std::size_t>& positions = reader.positions;
  ondemand::array names;
  if (const auto code = value.get_array().get(names)) {
    return reader.json.error(code, "\"columns\"", "an array of names");
  }
  positions.clear();
  for (auto each : names) {
    std::string_view name;
    if (const auto code = each.get_string().get(name)) {
      return reader.json.error(code, "\"columns\"", "an array of names");
    }
    const auto column = signature.find(name);
    if (!column && !reader.rows.drops_unknown()) {
      return table::unknown_column(name, signature).within("\"columns\"");
    }
    if (column && std::find(positions.begin(), positions.end(), *column) != positions.end()) {
      return Error(
          Code::Invalid,
          fmt::format("\"columns\": column {}: expected it once, got it twice", base::quote(name)));
    }
    positions.push_back(column.value_or(Reader::kNoColumn));
  }
  return check_columns(reader, "\"columns\"");
}

base::Result<void> read_json_split(Reader& reader, ondemand::object object, std::string_view what) {
  TRY_ASSIGN(const SplitHead head, read_split_head(reader, object, what));
  ondemand::value data;
  if (const auto code = object.find_field_unordered("data").get(data)) {
    return reader.json.error(code, "\"data\"", "an array of rows");
  }
  return head.has_columns ? read_json_positions(reader, data, "\"data\"")
                          : read_json_rows(reader, data, "\"data\"");
}

base::Result<void> read_json_parameters(Reader& reader, ondemand::value value,
                                        std::string_view what) {
  bool is_null = false;
  if (value.is_null().get(is_null) == simdjson::SUCCESS && is_null) return {};
  const std::string_view known = reader.ask.offer.is_ranked() ? "top_k" : "method";
  const auto read_one = [&](ondemand::field& field) -> base::Result<void> {
    if (!(field.key() == known)) return unknown_key(field, reader.json, {known});
    if (!reader.ask.offer.is_ranked()) return read_json_method(reader, field.value(), "\"method\"");
    TRY_ASSIGN(reader.ask.top_k, read_top_k(field.value()));
    return {};
  };
  return for_each_field(reader.json, value, what, read_one);
}

base::Result<void> read_json_method(Reader& reader, ondemand::value value, std::string_view what) {
  std::string_view name;
  if (const auto code = value.get_string().get(name)) {
    return reader.json.error(code, what, "a text");
  }
  return choose_output(reader.ask, name, what);
}

base::Result<void> choose_output(Ask& ask, std::string_view name, std::string_view what) {
  TRY_ASSIGN(const std::size_t output, ask.offer.find_output(name, what));
  ask.outputs.assign(1, output);
  return {};
}

}  // namespace contract
