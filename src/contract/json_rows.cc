#include "contract/json_rows.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "contract/request_fields.h"

namespace contract {
namespace {

using base::Code;
using base::Error;
namespace ondemand = simdjson::ondemand;

Error no_row(std::string_view what) {
  return {Code::Invalid, fmt::format("{}: expected at least one row, got none", what)};
}

base::Result<void> read_json_row(Ask& ask, ondemand::value value, std::size_t row) {
  if (ask.offer.inputs().columns.size() != 1) return ask.rows.read_row(value, ask.frame, row);
  ondemand::json_type type{};
  const bool typed = value.type().get(type) == simdjson::SUCCESS;
  const bool bare =
      !typed || (type != ondemand::json_type::object && type != ondemand::json_type::array);
  return bare ? ask.rows.read_cell(value, ask.frame, row, 0)
              : ask.rows.read_row(value, ask.frame, row);
}

base::Result<void> read_row_by_positions(Ask& ask, ondemand::value value, std::size_t row) {
  ondemand::array cells;
  if (const auto code = value.get_array().get(cells)) {
    return ask.json.error(code, fmt::format("row {}", row), "an array of cells");
  }
  std::size_t count = 0;
  for (auto each : cells) {
    ondemand::value cell;
    if (const auto code = std::move(each).get(cell)) {
      return ask.json.error(code, fmt::format("row {}", row), "JSON");
    }
    if (count < ask.positions.size()) {
      TRY(ask.rows.read_cell(cell, ask.frame, row, ask.positions[count]));
    }
    ++count;
  }
  if (count == ask.positions.size()) return {};
  return Error(Code::Invalid,
               fmt::format("row {}: expected {} cells, got {}", row, ask.positions.size(), count));
}

using ReadRow = base::Result<void> (*)(Ask&, ondemand::value, std::size_t);

base::Result<void> read_each_row(Ask& ask, ondemand::value value, std::string_view what,
                                 ReadRow read) {
  ondemand::array rows;
  if (const auto code = value.get_array().get(rows)) {
    return ask.json.error(code, what, "an array of rows");
  }
  for (auto each : rows) {
    const std::size_t row = ask.frame.add_row();
    ondemand::value one;
    if (const auto code = std::move(each).get(one)) {
      return ask.json.error(code, fmt::format("row {}", row), "JSON");
    }
    TRY(read(ask, one, row));
  }
  if (ask.frame.rows() == 0) return no_row(what);
  return {};
}

// One cell, in an array of its own or not.
base::Result<void> read_column_cell(Ask& ask, ondemand::value value, std::size_t row,
                                    std::size_t column) {
  ondemand::json_type type{};
  const bool typed = value.type().get(type) == simdjson::SUCCESS;
  if (!typed || type != ondemand::json_type::array) {
    return ask.rows.read_cell(value, ask.frame, row, column);
  }
  ondemand::array cells;
  if (const auto code = value.get_array().get(cells)) {
    return ask.json.error(code, fmt::format("row {}", row), "JSON");
  }
  std::size_t count = 0;
  for (auto each : cells) {
    ondemand::value cell;
    if (const auto code = std::move(each).get(cell)) {
      return ask.json.error(code, fmt::format("row {}", row), "JSON");
    }
    if (count++ == 0) TRY(ask.rows.read_cell(cell, ask.frame, row, column));
  }
  if (count == 1) return {};
  return Error(Code::Invalid,
               fmt::format("row {}, column {}: expected one cell, got {}", row,
                           base::quote(ask.offer.inputs().columns[column].name), count));
}

// The first column makes the rows, the others must have as many.
base::Result<void> read_column(Ask& ask, ondemand::value value, std::size_t column, bool first) {
  const std::string& name = ask.offer.inputs().columns[column].name;
  ondemand::array cells;
  if (const auto code = value.get_array().get(cells)) {
    return ask.json.error(code, fmt::format("column {}", base::quote(name)), "an array of cells");
  }
  std::size_t row = 0;
  for (auto each : cells) {
    if (first) ask.frame.add_row();
    if (row == ask.frame.rows()) {
      ++row;  // One too many.
      break;
    }
    ondemand::value cell;
    if (const auto code = std::move(each).get(cell)) {
      return ask.json.error(code, fmt::format("column {}", base::quote(name)), "JSON");
    }
    TRY(read_column_cell(ask, cell, row, column));
    ++row;
  }
  if (row == ask.frame.rows() && !(first && row == 0)) return {};
  return Error(Code::Invalid, fmt::format("column {}: expected {} cells as the column before, got "
                                          "another number",
                                          base::quote(name), ask.frame.rows()));
}

Error unknown_column(std::string_view name, const data::Signature& signature,
                     std::string_view what) {
  std::vector<std::string_view> names;
  for (const data::Column& each : signature.columns) names.push_back(each.name);
  const auto near = base::nearest(name, names);
  return {Code::Invalid,
          fmt::format("{}: column {}: expected one that the model was fitted with{}", what,
                      base::quote(name), near ? fmt::format("; did you mean \"{}\"?", *near) : "")};
}

// What the keys beside the rows say, so that the rows can be read whatever came first.
struct SplitHead {
  bool has_columns = false;
  bool has_data = false;
};

base::Result<SplitHead> read_split_head(Ask& ask, ondemand::object& object, std::string_view what) {
  SplitHead head;
  for (auto each : object) {
    ondemand::field field;
    if (const auto code = std::move(each).get(field)) return ask.json.error(code, what, "JSON");
    const auto key = field.key();
    if (key == "columns") {
      TRY(read_json_names(ask, field.value()));
      head.has_columns = true;
    } else if (key == "data") {
      head.has_data = true;
    } else if (!(key == "index")) {
      return unknown_key(field, ask.json, {"columns", "index", "data"});
    }
  }
  if (const auto code = object.reset().error()) return ask.json.error(code, what, "JSON");
  if (head.has_data) return head;
  return Error(Code::Invalid, fmt::format("{}: expected a key \"data\", got none", what));
}

}  // namespace

base::Result<void> read_json_rows(Ask& ask, ondemand::value value, std::string_view what) {
  return read_each_row(ask, value, what, read_json_row);
}

base::Result<void> read_json_positions(Ask& ask, ondemand::value value, std::string_view what) {
  return read_each_row(ask, value, what, read_row_by_positions);
}

base::Result<void> read_json_columns(Ask& ask, ondemand::object object, std::string_view what) {
  const data::Signature& signature = ask.offer.inputs();
  ask.positions.clear();
  for (auto each : object) {
    ondemand::field field;
    if (const auto code = std::move(each).get(field)) return ask.json.error(code, what, "JSON");
    std::string_view name;
    if (const auto code = field.unescaped_key().get(name)) {
      return ask.json.error(code, what, "JSON");
    }
    const auto column = signature.find(name);
    if (!column) return unknown_column(name, signature, what);
    if (std::find(ask.positions.begin(), ask.positions.end(), *column) != ask.positions.end()) {
      return Error(Code::Invalid,
                   fmt::format("column {}: expected it once, got it twice", base::quote(name)));
    }
    TRY(read_column(ask, field.value(), *column, ask.positions.empty()));
    ask.positions.push_back(*column);
  }
  for (std::size_t c = 0; c < signature.columns.size(); ++c) {
    const bool here =
        std::find(ask.positions.begin(), ask.positions.end(), c) != ask.positions.end();
    if (signature.columns[c].used && !here) {
      return Error(Code::Invalid, fmt::format("{}: column {}: expected it, got none", what,
                                              base::quote(signature.columns[c].name)));
    }
  }
  if (ask.frame.rows() == 0) return no_row(what);
  return {};
}

base::Result<void> read_json_names(Ask& ask, ondemand::value value) {
  const data::Signature& signature = ask.offer.inputs();
  std::vector<std::size_t>& positions = ask.positions;
  ondemand::array names;
  if (const auto code = value.get_array().get(names)) {
    return ask.json.error(code, "\"columns\"", "an array of names");
  }
  positions.clear();
  for (auto each : names) {
    std::string_view name;
    if (const auto code = each.get_string().get(name)) {
      return ask.json.error(code, "\"columns\"", "an array of names");
    }
    const auto column = signature.find(name);
    if (!column || std::find(positions.begin(), positions.end(), *column) != positions.end()) {
      return Error(Code::Invalid,
                   fmt::format("\"columns\": column {}: expected one of the model's, once",
                               base::quote(name)));
    }
    positions.push_back(*column);
  }
  for (std::size_t c = 0; c < signature.columns.size(); ++c) {
    if (signature.columns[c].used &&
        std::find(positions.begin(), positions.end(), c) == positions.end()) {
      return Error(Code::Invalid, fmt::format("\"columns\": column {}: expected it, got none",
                                              base::quote(signature.columns[c].name)));
    }
  }
  return {};
}

base::Result<void> read_json_split(Ask& ask, ondemand::object object, std::string_view what) {
  TRY_ASSIGN(const SplitHead head, read_split_head(ask, object, what));
  ondemand::value data;
  if (const auto code = object.find_field_unordered("data").get(data)) {
    return ask.json.error(code, "\"data\"", "an array of rows");
  }
  return head.has_columns ? read_json_positions(ask, data, "\"data\"")
                          : read_json_rows(ask, data, "\"data\"");
}

base::Result<void> read_json_parameters(Ask& ask, ondemand::value value, std::string_view what) {
  ondemand::object parameters;
  if (const auto code = value.get_object().get(parameters)) {
    return ask.json.error(code, what, "an object");
  }
  const std::string_view known = ask.offer.is_match() ? "top_k" : "method";
  for (auto each : parameters) {
    ondemand::field field;
    if (const auto code = std::move(each).get(field)) return ask.json.error(code, what, "JSON");
    if (!(field.key() == known)) return unknown_key(field, ask.json, {known});
    if (ask.offer.is_match()) {
      TRY_ASSIGN(ask.top_k, read_top_k(field.value()));
    } else {
      TRY(read_json_method(ask, field.value(), "\"method\""));
    }
  }
  return {};
}

base::Result<void> read_json_method(Ask& ask, ondemand::value value, std::string_view what) {
  std::string_view name;
  if (const auto code = value.get_string().get(name)) {
    return ask.json.error(code, what, "a text");
  }
  return choose_output(ask, name, what);
}

base::Result<void> choose_output(Ask& ask, std::string_view name, std::string_view what) {
  TRY_ASSIGN(const std::size_t output, ask.offer.find_output(name, what));
  ask.outputs.assign(1, output);
  return {};
}

}  // namespace contract
