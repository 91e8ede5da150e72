#include "publish/examples.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "data/frame.h"
#include "table/csv_reader.h"
#include "table/json_lines.h"
#include "table/source.h"
#include "tensor_files/tensor_file.h"

namespace publish {
namespace {

using base::Code;
using base::Error;
using nlohmann::json;
using scorer::Examples;

constexpr std::size_t kRowsMax = 100'000;
// In base64 it has to fit among the golden rows, which are read as a whole.
constexpr std::size_t kPictureBytesMax = std::size_t{16} << 20U;

base::Result<std::unique_ptr<table::RowSource>> open_rows(const std::string& name,
                                                          table::Source& source,
                                                          const data::Signature& signature) {
  if (name.ends_with(".jsonl") || name.ends_with(".ndjson")) {
    return std::make_unique<table::JsonLinesReader>(name, source, signature);
  }
  TRY_ASSIGN(auto reader,
             table::CsvReader::open(name, source, signature, name.ends_with(".tsv") ? '\t' : ','));
  return std::unique_ptr<table::RowSource>(std::move(reader));
}

// All rows of the text under one signature.
base::Result<std::unique_ptr<data::Frame>> read_frame(const std::string& name,
                                                      std::string_view text,
                                                      const data::Signature& signature) {
  table::TextSource source(text);
  TRY_ASSIGN(const auto rows, open_rows(name, source, signature));
  auto frame = std::make_unique<data::Frame>(signature);
  TRY_ASSIGN(const std::size_t count, rows->read(*frame, kRowsMax));
  if (count == 0) return Error(Code::Invalid, fmt::format("{}: expected rows, got none", name));
  return frame;
}

Examples::Cell cell_of(const data::Frame& frame, const data::Column& column, std::size_t c,
                       std::size_t row) {
  if (column.type == data::ColumnType::Number) {
    const double value = frame.number(row, c);
    if (std::isnan(value)) return {};
    return value;
  }
  const std::string_view value = frame.texts(c)[row];
  if (data::is_missing(value)) return {};
  return std::string(value);
}

data::Signature one_text(const std::string& column) {
  data::Signature signature;
  signature.columns.push_back({.name = column, .type = data::ColumnType::Text, .used = true});
  return signature;
}

base::Result<Examples> read_queries(const std::string& name, std::string_view text,
                                    const scorer::Scorer& scorer) {
  Examples examples;
  data::Signature signature = one_text("input");
  auto frame = read_frame(name, text, signature);
  if (!frame.ok()) {
    const Error first = frame.error();
    signature = one_text(scorer.recipe().match->query_column);
    frame = read_frame(name, text, signature);
    if (!frame.ok()) return first;
  }
  for (std::size_t r = 0; r < (*frame)->rows(); ++r) {
    examples.queries.emplace_back((*frame)->texts(0)[r]);
  }
  return examples;
}

base::Result<scorer::Answered> read_numbers(const std::string& name, std::string_view text,
                                            std::string method, std::vector<std::string> names) {
  data::Signature signature;
  for (const std::string& each : names) {
    signature.columns.push_back({.name = each, .type = data::ColumnType::Number, .used = true});
  }
  TRY_ASSIGN(const auto frame, read_frame(name, text, signature));
  scorer::Answered answered{
      .method = std::move(method), .names = std::move(names), .numbers = {}, .labels = {}};
  for (std::size_t r = 0; r < frame->rows(); ++r) {
    for (std::size_t c = 0; c < answered.names.size(); ++c) {
      answered.numbers.push_back(frame->number(r, c));
    }
  }
  return answered;
}

base::Result<scorer::Answered> read_labels(const std::string& name, std::string_view text,
                                           std::string method, std::vector<std::string> names) {
  data::Signature signature;
  for (const std::string& each : names) {
    signature.columns.push_back({.name = each, .type = data::ColumnType::Text, .used = true});
  }
  TRY_ASSIGN(const auto frame, read_frame(name, text, signature));
  scorer::Answered answered{
      .method = std::move(method), .names = std::move(names), .numbers = {}, .labels = {}};
  for (std::size_t r = 0; r < frame->rows(); ++r) {
    for (std::size_t c = 0; c < answered.names.size(); ++c) {
      answered.labels.emplace_back(frame->texts(c)[r]);
    }
  }
  return answered;
}

base::Result<Examples::Cell> cell_of(const json& value, const data::Column& column) {
  if (value.is_null()) return Examples::Cell();
  if (column.json != data::Json::None && value.is_structured()) return Examples::Cell(value.dump());
  const bool text = column.type == data::ColumnType::Text;
  if (text && value.is_string()) return Examples::Cell(value.get<std::string>());
  if (!text && value.is_number()) return Examples::Cell(value.get<double>());
  if (!text && value.is_boolean()) return Examples::Cell(value.get<bool>() ? 1.0 : 0.0);
  return Error(Code::Invalid,
               fmt::format("input example: column {}: expected a {}", base::quote(column.name),
                           data::column_type_name(column.type)));
}

// Where the rows of an input example stand, and what says the order of their cells, if anything.
struct MlflowRows {
  const json* rows = nullptr;
  const json* columns = nullptr;
};

base::Result<MlflowRows> find_rows(const json& document) {
  MlflowRows found{.rows = &document, .columns = nullptr};
  if (document.is_object() && document.contains("data")) {
    found.rows = &document["data"];
    if (document.contains("columns") && document["columns"].is_array()) {
      found.columns = &document["columns"];
    }
  } else if (document.is_object() && document.contains("inputs")) {
    found.rows = &document["inputs"];
  }
  if (found.rows->is_array()) return found;
  return Error(Code::Invalid,
               "input example: expected {\"columns\": [...], \"data\": [...]}, "
               "{\"inputs\": [...]} or a list of rows");
}

// One row's cell of a column, by its name, or where there are no names by its place.
const json* find_cell(const json& row, const json* columns, const std::string& name,
                      std::size_t place) {
  if (row.is_object()) {
    const auto at = row.find(name);
    return at == row.end() ? nullptr : &*at;
  }
  if (columns != nullptr) {
    place = static_cast<std::size_t>(std::find(columns->begin(), columns->end(), name) -
                                     columns->begin());
  }
  return row.is_array() && place < row.size() ? &row[place] : nullptr;
}

}  // namespace

base::Result<Examples> read_examples(const std::string& name, std::string_view text,
                                     const scorer::Scorer& scorer) {
  if (scorer.match() != nullptr) return read_queries(name, text, scorer);
  if (scorer.image() != nullptr) {
    if (text.size() > kPictureBytesMax) {
      return Error(
          Code::Exhausted,
          fmt::format("{}: expected a picture of at most {}, got {}", base::quote(name),
                      base::human_bytes(kPictureBytesMax), base::human_bytes(text.size())));
    }
    return Examples{.rows = {}, .queries = {}, .pictures = {std::string(text)}};
  }
  if (const engine::Network* network = scorer.tensors()) {
    TRY_ASSIGN(auto tensors, tensor_files::parse_tensors(name, base::as_bytes(text)));
    auto request = scorer::make_request(*network, std::move(tensors));
    if (!request.ok()) return std::move(request).error().within(base::quote(name));
    Examples examples;
    examples.requests.push_back(*std::move(request));
    return examples;
  }
  const data::Signature& signature = scorer.columns()->signature();
  TRY_ASSIGN(const auto frame, read_frame(name, text, signature));
  Examples examples;
  for (std::size_t r = 0; r < frame->rows(); ++r) {
    std::vector<Examples::Cell> row;
    for (std::size_t c = 0; c < signature.columns.size(); ++c) {
      row.push_back(cell_of(*frame, signature.columns[c], c, r));
    }
    examples.rows.push_back(std::move(row));
  }
  return examples;
}

base::Result<scorer::Answered> read_expected(const std::string& name, std::string_view text,
                                             const scorer::Scorer& scorer) {
  if (scorer.tensors() != nullptr) {
    return Error(Code::Unsupported,
                 fmt::format("{}: expected answers of rows, got a network's", base::quote(name)));
  }
  if (name.ends_with(".jsonl") || name.ends_with(".ndjson")) {
    return Error(Code::Invalid, fmt::format("{}: expected answers as CSV or TSV, whose header says "
                                            "which method gave them",
                                            base::quote(name)));
  }
  if (const auto* match = scorer.match()) {
    std::vector<std::string> ids;
    for (const auto& each : match->candidates().rows) ids.push_back(each.id);
    return read_numbers(name, text, "match", std::move(ids));
  }
  if (const auto* image = scorer.image()) {
    std::vector<std::string> ids;
    for (const auto& each : image->labels().rows) ids.push_back(each.id);
    return read_numbers(name, text, "image", std::move(ids));
  }
  // Whichever method's columns the file has; the error of the first is the one to show.
  std::optional<Error> first;
  for (const plan::Method method : scorer.columns()->methods()) {
    const plan::Output& output = scorer.columns()->plan(method).output();
    const std::string method_name(plan::method_name(method));
    auto answered = output.classes.empty() ? read_numbers(name, text, method_name, output.names)
                                           : read_labels(name, text, method_name, output.names);
    if (answered.ok()) return answered;
    if (!first) first = std::move(answered).error();
  }
  return *first;
}

base::Result<Examples> read_mlflow_example(std::string_view text, const scorer::Scorer& scorer) {
  if (scorer.columns() == nullptr) {
    return Error(Code::Unsupported, "input example: expected a model of plain columns");
  }
  const data::Signature& signature = scorer.columns()->signature();
  const json document = json::parse(text, nullptr, false);
  TRY_ASSIGN(const MlflowRows rows, find_rows(document));
  Examples examples;
  for (const json& each : *rows.rows) {
    if (examples.rows.size() == kRowsMax) break;
    std::vector<Examples::Cell> row;
    for (std::size_t c = 0; c < signature.columns.size(); ++c) {
      const data::Column& column = signature.columns[c];
      const json* value = column.whole ? &each : find_cell(each, rows.columns, column.name, c);
      if (value == nullptr && column.required()) {
        return Error(Code::Invalid, fmt::format("input example: expected a column {}, got none",
                                                base::quote(column.name)));
      }
      if (value == nullptr || !column.used) {
        // What is omitted is not what is missing.
        const bool zero = column.optional && column.type == data::ColumnType::Number;
        row.push_back(zero ? Examples::Cell(0.0) : Examples::Cell());
        continue;
      }
      TRY_ASSIGN(Examples::Cell cell, cell_of(*value, column));
      row.push_back(std::move(cell));
    }
    examples.rows.push_back(std::move(row));
  }
  if (examples.rows.empty()) return Error(Code::Invalid, "input example: expected rows, got none");
  return examples;
}

}  // namespace publish
