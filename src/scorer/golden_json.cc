// golden.json:
//   {"answers":[{"labels"|"numbers":[[...], ...],"method":...,"names":[...]}],
//    "columns":[...],"left_out":[...],
//    "pictures":[base64, ...] | "queries":[...] | "rows":[[...], ...],"source":...,
//    "tensors":[...]}
// A cell or number that is not finite stands as "nan", "inf" or "-inf"; a missing cell as null.
// What stands under "tensors" is said in golden_tensors.h.

#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "base/text.h"
#include "scorer/golden.h"
#include "scorer/golden_tensors.h"
#include "scorer/golden_values.h"

namespace scorer {
namespace {

using base::Code;
using base::Error;
using nlohmann::json;

constexpr std::size_t kBytesMax = 64 << 20;
constexpr std::size_t kColumnsMax = 1'000'000;

std::string text_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

void append_cell(const Examples::Cell& cell, std::string& text) {
  if (const auto* number = std::get_if<double>(&cell)) {
    append_number(*number, text);
  } else if (const auto* words = std::get_if<std::string>(&cell)) {
    text += text_of({{"t", *words}});
  } else {
    text += "null";
  }
}

base::Result<Examples::Cell> cell_of(const json& value) {
  if (value.is_null()) return Examples::Cell();
  if (const auto number = number_of(value)) return Examples::Cell(*number);
  const auto text = value.is_object() ? value.find("t") : value.end();
  if (!value.is_object() || text == value.end() || !text->is_string()) {
    return bad_golden("rows", "numbers, texts or null");
  }
  return Examples::Cell(text->get<std::string>());
}

base::Result<std::vector<std::string>> texts_of(const json& object, const char* key) {
  std::vector<std::string> texts;
  const auto at = object.find(key);
  if (at == object.end()) return texts;
  if (!at->is_array() || at->size() > kColumnsMax) return bad_golden(key, "an array of texts");
  for (const json& each : *at) {
    if (!each.is_string()) return bad_golden(key, "an array of texts");
    texts.push_back(each.get<std::string>());
  }
  return texts;
}

void append_answered(const Answered& answered, std::string& text) {
  const bool labels = answered.numbers.empty();
  const std::size_t width = answered.names.size();
  text += labels ? R"({"labels":)" : R"({"numbers":)";
  append_list(answered.rows(), text, [&](std::size_t r, std::string& to) {
    append_list(width, to, [&](std::size_t c, std::string& row) {
      if (labels) {
        row += text_of(answered.labels[r * width + c]);
      } else {
        append_number(answered.numbers[r * width + c], row);
      }
    });
  });
  text += fmt::format(R"(,"method":{},"names":{}}})", text_of(answered.method),
                      text_of(answered.names));
}

base::Result<void> read_cells(const json& rows, bool labels, Answered& answered) {
  if (!rows.is_array() || rows.size() > Golden::kRowsMax)
    return bad_golden("answers", "an array of rows");
  for (const json& row : rows) {
    if (!row.is_array() || row.size() != answered.names.size()) {
      return bad_golden("answers", "as many cells in each row as names");
    }
    for (const json& cell : row) {
      const auto number = labels ? std::optional<double>() : number_of(cell);
      if (labels ? !cell.is_string() : !number.has_value()) {
        return bad_golden("answers", labels ? "labels as texts" : "numbers");
      }
      if (labels) {
        answered.labels.push_back(cell.get<std::string>());
      } else {
        answered.numbers.push_back(*number);
      }
    }
  }
  return {};
}

base::Result<Answered> answered_of(const json& object) {
  if (!object.is_object() || !object.contains("method") || !object["method"].is_string()) {
    return bad_golden("answers", "objects with a method");
  }
  Answered answered{
      .method = object["method"].get<std::string>(), .names = {}, .numbers = {}, .labels = {}};
  TRY_ASSIGN(answered.names, texts_of(object, "names"));
  const bool labels = object.contains("labels");
  if (labels == object.contains("numbers"))
    return bad_golden("answers", "either numbers or labels");
  TRY(read_cells(object.at(labels ? "labels" : "numbers"), labels, answered));
  return answered;
}

base::Result<void> read_rows(const json& object, Golden& golden) {
  const auto rows = object.find("rows");
  if (rows == object.end()) return {};
  if (!rows->is_array() || rows->size() > Golden::kRowsMax)
    return bad_golden("rows", "an array of rows");
  for (const json& row : *rows) {
    if (!row.is_array() || row.size() != golden.columns.size()) {
      return bad_golden("rows", "as many cells in each row as columns");
    }
    std::vector<Examples::Cell> cells;
    for (const json& each : row) {
      TRY_ASSIGN(Examples::Cell cell, cell_of(each));
      cells.push_back(std::move(cell));
    }
    golden.examples.rows.push_back(std::move(cells));
  }
  return {};
}

}  // namespace

std::string Golden::json() const {
  std::string text = R"({"answers":)";
  append_list(answers.size(), text,
              [&](std::size_t i, std::string& to) { append_answered(answers[i], to); });
  text += fmt::format(R"(,"columns":{},"left_out":{})", text_of(columns), text_of(left_out));
  if (!examples.pictures.empty()) {
    text += R"(,"pictures":)";
    append_list(examples.pictures.size(), text, [&](std::size_t i, std::string& to) {
      to += '"' + base::base64_encode(examples.pictures[i]) + '"';
    });
  }
  if (!examples.queries.empty()) text += R"(,"queries":)" + text_of(examples.queries);
  if (!examples.rows.empty()) {
    text += R"(,"rows":)";
    append_list(examples.rows.size(), text, [&](std::size_t r, std::string& to) {
      const auto& row = examples.rows[r];
      append_list(row.size(), to,
                  [&](std::size_t c, std::string& cells) { append_cell(row[c], cells); });
    });
  }
  text += R"(,"source":)" + text_of(source);
  if (!examples.requests.empty()) append_tensors(*this, text);
  return text + "}";
}

base::Result<Golden> Golden::parse(std::string_view text) {
  if (text.size() > kBytesMax)
    return bad_golden("file", fmt::format("at most {} bytes", kBytesMax));
  const nlohmann::json object = nlohmann::json::parse(text, nullptr, false);
  if (object.is_discarded() || !object.is_object()) return bad_golden("file", "a JSON object");
  Golden golden;
  const auto source = object.find("source");
  if (source == object.end() || !source->is_string()) return bad_golden("source", "a text");
  golden.source = source->get<std::string>();
  TRY_ASSIGN(golden.columns, texts_of(object, "columns"));
  TRY_ASSIGN(golden.left_out, texts_of(object, "left_out"));
  TRY_ASSIGN(golden.examples.queries, texts_of(object, "queries"));
  if (golden.examples.queries.size() > kRowsMax) return bad_golden("queries", "fewer");
  TRY_ASSIGN(golden.examples.pictures, texts_of(object, "pictures"));
  if (golden.examples.pictures.size() > kRowsMax) return bad_golden("pictures", "fewer");
  for (std::string& picture : golden.examples.pictures) {
    auto bytes = base::base64_decode(picture);
    if (!bytes) return bad_golden("pictures", "base64");
    picture = *std::move(bytes);
  }
  TRY(read_rows(object, golden));
  const auto answers = object.find("answers");
  if (answers == object.end() || !answers->is_array()) return bad_golden("answers", "an array");
  for (const nlohmann::json& each : *answers) {
    TRY_ASSIGN(Answered answered, answered_of(each));
    if (answered.rows() != golden.examples.count())
      return bad_golden("answers", "one for each row");
    golden.answers.push_back(std::move(answered));
  }
  if (const auto tensors = object.find("tensors"); tensors != object.end()) {
    if (golden.examples.count() > 0) return bad_golden("tensors", "no rows beside them");
    TRY(read_tensors(*tensors, golden));
  }
  return golden;
}

}  // namespace scorer
