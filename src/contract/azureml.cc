#include "contract/azureml.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "contract/request_fields.h"
#include "table/answer_writer.h"

namespace contract::azureml {
namespace {

using base::Code;
using base::Error;
namespace ondemand = simdjson::ondemand;

// The parts of a request for rows that say how to read the others.
struct RowsHead {
  plan::Method method;
  bool has_columns = false;
  bool has_data = false;
};

base::Result<plan::Method> read_method(ondemand::value value, JsonBody& json,
                                       const scorer::ColumnsScorer& scorer) {
  std::string_view name;
  if (const auto code = value.get_string().get(name)) {
    return json.error(code, "\"method\"", "a text");
  }
  return parse_offered(name, scorer, "\"method\"");
}

base::Result<void> read_columns(ondemand::value value, JsonBody& json,
                                const data::Signature& signature,
                                std::vector<std::size_t>& positions) {
  ondemand::array names;
  if (const auto code = value.get_array().get(names)) {
    return json.error(code, "\"columns\"", "an array of names");
  }
  positions.clear();
  for (auto each : names) {
    std::string_view name;
    if (const auto code = each.get_string().get(name)) {
      return json.error(code, "\"columns\"", "an array of names");
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

base::Result<RowsHead> read_rows_head(ondemand::object& object, JsonBody& json,
                                      const scorer::ColumnsScorer& scorer,
                                      std::vector<std::size_t>& positions) {
  RowsHead head{.method = scorer.default_method()};
  for (auto each : object) {
    ondemand::field field;
    if (const auto code = std::move(each).get(field)) return json.error(code, "body", "JSON");
    const auto key = field.key();
    if (key == "data") {
      if (head.has_data) return Error(Code::Invalid, "\"data\": expected it once, got it twice");
      head.has_data = true;
    } else if (key == "columns") {
      TRY(read_columns(field.value(), json, scorer.signature(), positions));
      head.has_columns = true;
    } else if (key == "method") {
      TRY_ASSIGN(head.method, read_method(field.value(), json, scorer));
    } else {
      return unknown_key(field, json, {"data", "columns", "method"});
    }
  }
  TRY(json.close());
  if (!head.has_data) return Error(Code::Invalid, "body: expected a key \"data\", got none");
  return head;
}

base::Result<void> read_positions(ondemand::value value, JsonBody& json, std::size_t row,
                                  const std::vector<std::size_t>& positions,
                                  table::RowReader& reader, data::Frame& frame) {
  ondemand::array cells;
  if (const auto code = value.get_array().get(cells)) {
    return json.error(code, fmt::format("row {}", row), "an array of cells");
  }
  std::size_t count = 0;
  for (auto each : cells) {
    ondemand::value cell;
    if (const auto code = std::move(each).get(cell)) {
      return json.error(code, fmt::format("row {}", row), "JSON");
    }
    if (count < positions.size()) TRY(reader.read_cell(cell, frame, row, positions[count]));
    ++count;
  }
  if (count == positions.size()) return {};
  return Error(Code::Invalid,
               fmt::format("row {}: expected {} cells, got {}", row, positions.size(), count));
}

base::Result<void> read_data(ondemand::object& object, JsonBody& json, bool by_position,
                             const std::vector<std::size_t>& positions, table::RowReader& reader,
                             data::Frame& frame) {
  ondemand::array rows;
  if (const auto code = object.find_field_unordered("data").get_array().get(rows)) {
    return json.error(code, "\"data\"", "an array of rows");
  }
  frame.clear();
  for (auto each : rows) {
    const std::size_t row = frame.add_row();
    ondemand::value value;
    if (const auto code = std::move(each).get(value)) {
      return json.error(code, fmt::format("row {}", row), "JSON");
    }
    if (by_position) {
      TRY(read_positions(value, json, row, positions, reader, frame));
    } else {
      TRY(reader.read_row(value, frame, row));
    }
  }
  if (frame.rows() > 0) return {};
  return Error(Code::Invalid, "\"data\": expected at least one row, got none");
}

}  // namespace

base::Result<MatchRequest> decode_match(std::string_view body, JsonBody& json) {
  TRY_ASSIGN(ondemand::object object, json.open_object(body));
  MatchRequest request;
  bool has_input = false;
  for (auto each : object) {
    ondemand::field field;
    if (const auto code = std::move(each).get(field)) return json.error(code, "body", "JSON");
    const auto key = field.key();
    if (key == "input") {
      if (has_input) return Error(Code::Invalid, "\"input\": expected it once, got it twice");
      if (const auto code = field.value().get_string().get(request.input)) {
        return json.error(code, "\"input\"", "a text");
      }
      has_input = true;
    } else if (key == "top_k") {
      TRY_ASSIGN(request.top_k, read_top_k(field.value()));
    } else {
      return unknown_key(field, json, {"input", "top_k"});
    }
  }
  TRY(json.close());
  if (!has_input) return Error(Code::Invalid, "body: expected a key \"input\", got none");
  if (request.input.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return Error(Code::Invalid, "\"input\": expected a question, got an empty text");
  }
  return request;
}

void encode_match(std::span<const scorer::Ranked> ranked, const scorer::Candidates& candidates,
                  std::string& out) {
  out += '[';
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    const scorer::Candidates::Row& row = candidates.rows[ranked[i].candidate];
    out += i > 0 ? ",[" : "[";
    append_id(row.id, candidates.integer_ids, out);
    out += ',';
    append_id(row.answer_id, candidates.integer_answer_ids, out);
    out += ',';
    table::append_json_number(ranked[i].score, out);
    out += ']';
  }
  out += ']';
}

base::Result<plan::Method> decode_rows(std::string_view body, JsonBody& json,
                                       const scorer::ColumnsScorer& scorer,
                                       table::RowReader& reader,
                                       std::vector<std::size_t>& positions, data::Frame& frame) {
  TRY_ASSIGN(ondemand::object object, json.open_object(body));
  TRY_ASSIGN(const RowsHead head, read_rows_head(object, json, scorer, positions));
  // What says how to read the rows may stand behind them, so they are read last.
  if (const auto code = object.reset().error()) return json.error(code, "body", "JSON");
  TRY(read_data(object, json, head.has_columns, positions, reader, frame));
  return head.method;
}

void encode_error(std::string_view message, std::string& out) {
  out += "{\"message\":";
  table::append_json_string(message, out);
  out += '}';
}

}  // namespace contract::azureml
