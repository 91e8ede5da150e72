#include "contract/example.h"

#include <variant>

#include "table/answer_writer.h"

namespace contract {
namespace {

using Cell = scorer::Examples::Cell;

void append_cell(const Cell& cell, std::string& out) {
  if (const auto* number = std::get_if<double>(&cell)) {
    table::append_json_number(*number, out);
  } else if (const auto* text = std::get_if<std::string>(&cell)) {
    table::append_json_string(*text, out);
  } else {
    out += "null";
  }
}

Cell usual_cell(const data::Column& column) {
  if (column.type == data::ColumnType::Number) return 0.0;
  return column.categories.empty() ? std::string() : column.categories.front();
}

}  // namespace

std::string example_row(const Offer& offer, const scorer::Examples& examples) {
  std::string out = "{";
  if (offer.is_match()) {
    out += "\"input\":";
    const bool given = !examples.queries.empty();
    table::append_json_string(
        given ? examples.queries.front() : offer.candidates().rows.front().text, out);
    return out + '}';
  }
  const std::vector<data::Column>& columns = offer.inputs().columns;
  const bool given = !examples.rows.empty() && examples.rows.front().size() == columns.size();
  bool first = true;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (!columns[c].used) continue;
    if (!first) out += ',';
    first = false;
    table::append_json_string(columns[c].name, out);
    out += ':';
    append_cell(given ? examples.rows.front()[c] : usual_cell(columns[c]), out);
  }
  return out + '}';
}

std::string example_request(const Offer& offer, std::string_view row) {
  if (offer.is_match()) return std::string(row.substr(0, row.size() - 1)) + ",\"top_k\":3}";
  std::string out = "{\"data\":[";
  out += row;
  out += "],\"method\":\"";
  out += offer.outputs().front().name;
  return out + "\"}";
}

}  // namespace contract
