#include "contract/example.h"

#include <variant>

#include "base/base64.h"
#include "scorer/pattern.h"
#include "table/answer_writer.h"

namespace contract {
namespace {

using Cell = scorer::Examples::Cell;

// A picture that documents can show, and the side of the one that is made where there is none.
constexpr std::size_t kPictureBytesMax = 4096;
constexpr std::uint32_t kSide = 8;

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
  if (offer.is_image()) {
    const bool given =
        !examples.pictures.empty() && examples.pictures.front().size() <= kPictureBytesMax;
    const std::string picture = given ? examples.pictures.front() : scorer::pattern_png(0, kSide);
    return R"({"image":")" + base::base64_encode(picture) + "\"}";
  }
  if (offer.is_ranked()) {
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
  if (offer.is_image()) {
    constexpr std::string_view kRowStart = R"({"image")";
    return R"({"input")" +
           std::string(row.substr(kRowStart.size(), row.size() - kRowStart.size() - 1)) +
           ",\"top_k\":3}";
  }
  if (offer.is_ranked()) return std::string(row.substr(0, row.size() - 1)) + ",\"top_k\":3}";
  std::string out = "{\"data\":[";
  out += row;
  out += "],\"method\":\"";
  out += offer.outputs().front().name;
  return out + "\"}";
}

}  // namespace contract
