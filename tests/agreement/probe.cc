// agreement_probe: asks fitted models, one for each line of standard input, which is separated by
// tabs:  MODEL ROWS METHOD PYTHON ANSWER [CLASSES]
//   ROWS    rows.npy (numbers, by position) or rows.jsonl (objects by column name, or arrays)
//   METHOD  of scikit-learn, or "methods" for what the model has
//   PYTHON  whose rules of str the text steps follow ("3.11"); empty for the newest
//   ANSWER  where the numbers go: rows x columns doubles, row-major, with nothing before them
//   CLASSES of nobody's library, and what each answers as: "__main__.A=lightgbm.B,__main__.C=..."
// Answers with one line of JSON: {"rows", "columns": names, "classes": [[label, ...], ...] where
// the numbers are indices of labels, "plan": lines}, or {"refused": message}.
#include <cstddef>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "data/frame.h"
#include "pickle/document.h"
#include "pickle/numbers.h"
#include "plan/plan.h"
#include "sklearn/model.h"
#include "table/first_row.h"
#include "table/json_lines.h"

namespace {

using nlohmann::json;
using Words = std::vector<std::string>;

constexpr std::size_t kBlockRows = 100'000;
constexpr std::uint64_t kFileBytesMax = std::uint64_t{4} << 30U;

Words words_of(const std::string& line, char separator) {
  Words words;
  std::size_t at = 0;
  while (true) {
    const std::size_t end = line.find(separator, at);
    words.push_back(line.substr(at, end - at));
    if (end == std::string::npos) return words;
    at = end + 1;
  }
}

base::Result<sklearn::Model> load(const std::string& path, const std::string& python,
                                  const std::string& classes) {
  sklearn::ReadOptions options;
  for (const std::string& each : words_of(classes, ',')) {
    const std::size_t equals = each.find('=');
    if (equals == std::string::npos) continue;
    options.classes.emplace_back(each.substr(0, equals), each.substr(equals + 1));
  }
  if (!python.empty()) {
    TRY_ASSIGN(options.python, text::PythonVersion::parse(python));
  }
  TRY_ASSIGN(const auto file, base::MappedFile::open(path, kFileBytesMax));
  return sklearn::Model::read_file(file->bytes(), nullptr, {}, options);
}

// The columns that the rows have, for a model that takes as many as come.
base::Result<std::vector<std::string>> columns_of(const std::string& path) {
  if (path.ends_with(".npy")) {
    TRY_ASSIGN(const auto document, pickle::Document::open(path));
    const pickle::Array* array = document.root().array();
    const bool table = array != nullptr && array->shape.size() == 2;
    return sklearn::numbered_columns(table ? array->shape[1] : 0);
  }
  TRY_ASSIGN(const auto file, base::MappedFile::open(path, kFileBytesMax));
  table::TextSource source(base::as_text(file->bytes()));
  TRY_ASSIGN(auto row, table::first_json_row(path, source));
  return row.names.empty() ? sklearn::numbered_columns(row.cells) : std::move(row.names);
}

base::Result<plan::Plan> compile(const sklearn::Model& model, plan::Method method,
                                 const std::string& rows) {
  auto plan = model.compile(method);
  if (plan.ok() || !model.takes_any_columns(method)) return plan;
  TRY_ASSIGN(const auto columns, columns_of(rows));
  return model.compile(method, columns);
}

// The rows of an .npy file under the signature.
base::Result<void> fill_numbers(const std::string& path, data::Frame& frame) {
  TRY_ASSIGN(const auto document, pickle::Document::open(path));
  const pickle::Array* array = document.root().array();
  // A model that looks at no column takes any, as the dummies of old releases do.
  if (array != nullptr && array->shape.size() == 2 && frame.columns() == 0) {
    for (std::size_t row = 0; row < array->shape[0]; ++row) frame.add_row();
    return {};
  }
  if (array == nullptr || array->shape.size() != 2 || array->shape[1] != frame.columns()) {
    return base::Error(base::Code::Invalid,
                       "rows: expected an array of as many columns as the model takes (" +
                           std::to_string(frame.columns()) + ")");
  }
  TRY_ASSIGN(const auto numbers, pickle::to_doubles(*array));
  for (std::size_t row = 0; row < array->shape[0]; ++row) {
    frame.add_row();
    for (std::size_t c = 0; c < frame.columns(); ++c) {
      if (frame.type(c) != data::ColumnType::Number) {
        return base::Error(base::Code::Invalid, "rows: the model takes text");
      }
      frame.set_number(row, c, numbers[row * frame.columns() + c]);
    }
  }
  return {};
}

json labels_json(const data::Labels& labels) {
  json out = json::array();
  for (std::size_t i = 0; i < data::label_count(labels); ++i) {
    out.push_back(data::label_text(labels, i));
  }
  return out;
}

// Rows of the answer as doubles.
std::vector<double> numbers_of(const plan::Buffer& buffer, plan::Form form) {
  if (form == plan::Form::Dense) return buffer.dense.values;
  const plan::SparseMatrix& sparse = buffer.sparse;
  std::vector<double> out(sparse.rows * sparse.columns);
  for (std::size_t i = 0; i < sparse.rows; ++i) {
    const auto indices = sparse.row_indices(i);
    for (std::size_t k = 0; k < indices.size(); ++k) {
      out[i * sparse.columns + indices[k]] += sparse.row_values(i)[k];
    }
  }
  return out;
}

base::Result<json> ask(const Words& words) {
  TRY_ASSIGN(const sklearn::Model model,
             load(words[0], words[3], words.size() > 5 ? words[5] : ""));
  if (words[2] == "methods") {
    json names = json::array();
    for (const plan::Method method : model.methods()) names.push_back(plan::method_name(method));
    return json{{"methods", names}};
  }
  TRY_ASSIGN(const plan::Method method, plan::parse_method(words[2]));
  TRY_ASSIGN(const plan::Plan plan, compile(model, method, words[1]));
  data::Frame frame(plan.signature());
  std::shared_ptr<const base::MappedFile> text;
  std::unique_ptr<table::TextSource> source;
  std::unique_ptr<table::JsonLinesReader> reader;
  if (words[1].ends_with(".npy")) {
    TRY(fill_numbers(words[1], frame));
  } else {
    TRY_ASSIGN(text, base::MappedFile::open(words[1], kFileBytesMax));
    source = std::make_unique<table::TextSource>(base::as_text(text->bytes()));
    reader = std::make_unique<table::JsonLinesReader>(words[1], *source, plan.signature());
    reader->drop_unknown(true);
    TRY(reader->read(frame, kBlockRows));
  }
  plan::Plan::Scratch scratch(plan);
  TRY_ASSIGN(const plan::Buffer* buffer, plan.run(frame, scratch));
  const std::vector<double> numbers = numbers_of(*buffer, plan.output().form);
  std::ofstream file(words[4], std::ios::binary);
  file.write(reinterpret_cast<const char*>(numbers.data()),
             static_cast<std::streamsize>(numbers.size() * sizeof(double)));
  json answer{{"rows", frame.rows()}, {"columns", plan.output().names}, {"plan", plan.describe()}};
  for (const data::Labels& labels : plan.output().classes) {
    answer["classes"].push_back(labels_json(labels));
  }
  return answer;
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) {
    const Words words = words_of(line, '\t');
    const auto answer = words.size() == 5 || words.size() == 6
                            ? ask(words)
                            : base::Error(base::Code::Invalid, "line: expected five words");
    const json out = answer.ok() ? *answer : json{{"refused", answer.error().message()}};
    std::cout << out.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
  }
}
