// The exchange with verify.py, as JSON:
//   asked:    {model, match: "" | "pairs" | "similarity", columns: [{name, type}], rows: [[...]],
//              methods: [{name, labels}]}, or {..., queries, candidates, query_column,
//              candidate_column}
//   answered: {versions: [[name, version]], answers: [{method, width, numbers | labels}],
//              not_compared: [text]}; what is not finite is a text, "nan", "inf" or "-inf".
#include "publish/verify.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "publish/verify_script.h"

namespace publish {
namespace {

using base::Code;
using base::Error;
using nlohmann::json;

constexpr std::size_t kVerifiedRowsMax = 1000;
constexpr std::size_t kPairsMax = 50'000;
constexpr std::size_t kOutputBytesMax = 256 << 20;

json cell_json(const scorer::Examples::Cell& cell) {
  if (const auto* number = std::get_if<double>(&cell)) return *number;
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  return nullptr;
}

json ask_columns(const scorer::ColumnsScorer& columns, const scorer::Examples& examples,
                 std::size_t count) {
  json asked = {{"match", ""},
                {"columns", json::array()},
                {"rows", json::array()},
                {"methods", json::array()}};
  for (const data::Column& each : columns.signature().columns) {
    asked["columns"].push_back({{"name", each.name}, {"type", data::column_type_name(each.type)}});
  }
  for (std::size_t r = 0; r < count; ++r) {
    json row = json::array();
    for (const auto& cell : examples.rows[r]) row.push_back(cell_json(cell));
    asked["rows"].push_back(std::move(row));
  }
  for (const plan::Method method : columns.methods()) {
    asked["methods"].push_back({{"name", plan::method_name(method)},
                                {"labels", !columns.plan(method).output().classes.empty()}});
  }
  return asked;
}

json ask_match(const scorer::MatchScorer& match, const model::Match& recipe,
               const scorer::Examples& examples, std::size_t count) {
  json asked = {{"match", recipe.by == model::MatchBy::Pairs ? "pairs" : "similarity"},
                {"query_column", recipe.query_column},
                {"candidate_column", recipe.candidate_column},
                {"queries", json::array()},
                {"candidates", json::array()}};
  for (std::size_t i = 0; i < count; ++i) asked["queries"].push_back(examples.queries[i]);
  for (const auto& each : match.candidates().rows) asked["candidates"].push_back(each.text);
  return asked;
}

// What the columns of a method's answers are called.
std::vector<std::string> names_of(const scorer::Scorer& scorer, const std::string& method) {
  std::vector<std::string> names;
  if (const auto* match = scorer.match()) {
    for (const auto& each : match->candidates().rows) names.push_back(each.id);
    return names;
  }
  for (const plan::Method each : scorer.columns()->methods()) {
    if (plan::method_name(each) == method) return scorer.columns()->plan(each).output().names;
  }
  return names;
}

double number_of(const json& value) {
  if (value.is_number()) return value.get<double>();
  const std::string text = value.get<std::string>();
  const double infinity = std::numeric_limits<double>::infinity();
  return text == "inf"    ? infinity
         : text == "-inf" ? -infinity
                          : std::numeric_limits<double>::quiet_NaN();
}

void take_answer(const json& each, const scorer::Scorer& scorer, std::size_t rows,
                 Registration::Verdict& verdict) {
  scorer::Answered answered{
      .method = each.at("method").get<std::string>(), .names = {}, .numbers = {}, .labels = {}};
  answered.names = names_of(scorer, answered.method);
  const auto width = each.at("width").get<std::size_t>();
  if (width != answered.names.size()) {
    verdict.not_compared.push_back(fmt::format("{}: expected {} columns, got {}", answered.method,
                                               answered.names.size(), width));
    return;
  }
  if (each.contains("labels")) {
    answered.labels = each["labels"].get<std::vector<std::string>>();
  } else {
    for (const json& value : each.at("numbers")) answered.numbers.push_back(number_of(value));
  }
  if (std::max(answered.labels.size(), answered.numbers.size()) != rows * width) {
    verdict.not_compared.push_back(
        fmt::format("{}: expected answers to {} rows", answered.method, rows));
    return;
  }
  verdict.answers.push_back(std::move(answered));
}

// Throws what the JSON library throws where it is not as said above.
Registration::Verdict take_verdict(std::string_view output, const scorer::Scorer& scorer,
                                   std::size_t rows) {
  const json document = json::parse(output);
  Registration::Verdict verdict;
  verdict.not_compared = document.at("not_compared").get<std::vector<std::string>>();
  for (const json& each : document.at("answers")) take_answer(each, scorer, rows, verdict);
  verdict.against = name_versions(document.at("versions"));
  return verdict;
}

}  // namespace

base::Result<Registration::Verdict> verify_with_python(const PythonOptions& options,
                                                       const Source& source,
                                                       const scorer::Scorer& scorer,
                                                       const scorer::Examples& examples) {
  if (scorer.image() != nullptr || scorer.tensors() != nullptr) {
    return Error(Code::Unsupported,
                 "verify: expected a fitted estimator, got a network; give its "
                 "answers with --expected");
  }
  const auto* match = scorer.match();
  const std::size_t width = match == nullptr ? 1 : match->candidates().rows.size();
  const std::size_t rows_max =
      match == nullptr ? kVerifiedRowsMax
                       : std::max<std::size_t>(kPairsMax / std::max<std::size_t>(width, 1), 1);
  const std::size_t rows = std::min(examples.count(), rows_max);
  json asked = match == nullptr ? ask_columns(*scorer.columns(), examples, rows)
                                : ask_match(*match, *scorer.recipe().match, examples, rows);
  std::error_code problem;
  const auto model = std::filesystem::absolute(source.model_path, problem);
  asked["model"] = problem ? source.model_path : model.string();
  TRY_ASSIGN(
      const std::string output,
      run_python(options, {.script = verify_script(),
                           .input = asked.dump(-1, ' ', false, json::error_handler_t::replace),
                           .output_bytes_max = kOutputBytesMax,
                           .expected = "it to load and run the model"}));
  auto verdict = read_verdict(output, scorer, rows);
  if (!verdict.ok()) {
    return Error(Code::Unavailable,
                 fmt::format("{}: {}", base::quote(options.program), verdict.error().message()));
  }
  if (rows < examples.count()) {
    verdict->not_compared.push_back(
        fmt::format("{} of {} rows", examples.count() - rows, examples.count()));
  }
  return verdict;
}

base::Result<Registration::Verdict> read_verdict(std::string_view output,
                                                 const scorer::Scorer& scorer, std::size_t rows) {
  try {
    return take_verdict(output, scorer, rows);
  } catch (const json::exception&) {
    return Error(Code::Corrupt, "expected answers as JSON, got something else");
  }
}

}  // namespace publish
