#include "contract/oip_rest.h"

#include <algorithm>

#include <fmt/format.h>

#include "table/answer_writer.h"

namespace contract::oip_rest {
namespace {

using plan::Method;

bool is_wanted(const Request& request, std::string_view output) {
  return request.outputs.empty() ||
         std::find(request.outputs.begin(), request.outputs.end(), output) != request.outputs.end();
}

std::string_view datatype_of(const plan::Output& output) {
  if (output.classes.empty()) return "FP64";
  const data::Labels& labels = output.classes.front();
  if (std::holds_alternative<std::vector<std::int64_t>>(labels)) return "INT64";
  if (std::holds_alternative<std::vector<bool>>(labels)) return "BOOL";
  if (std::holds_alternative<std::vector<std::string>>(labels)) return "BYTES";
  return "FP64";
}

// predict gives [n]; what has a column for each class or feature gives [n, columns].
bool is_vector(Method method, const plan::Output& output) {
  return output.names.size() == 1 &&
         (method == Method::Predict || method == Method::DecisionFunction);
}

void append_metadata_tensor(std::string_view name, std::string_view datatype,
                            std::string_view shape, bool first, std::string& out) {
  if (!first) out += ',';
  out += "{\"name\":";
  table::append_json_string(name, out);
  fmt::format_to(std::back_inserter(out), R"(,"datatype":"{}","shape":{}}})", datatype, shape);
}

void encode_columns_metadata(const scorer::ColumnsScorer& scorer, std::string& out) {
  out += "\"inputs\":[";
  bool first = true;
  for (const data::Column& column : scorer.signature().columns) {
    const bool text = column.type == data::ColumnType::Text;
    append_metadata_tensor(column.name, text ? "BYTES" : "FP64", "[-1]", first, out);
    first = false;
  }
  out += "],\"outputs\":[";
  first = true;
  for (const Method method : scorer.methods()) {
    const plan::Output& output = scorer.plan(method).output();
    const std::string shape =
        is_vector(method, output) ? "[-1]" : fmt::format("[-1,{}]", output.names.size());
    append_metadata_tensor(plan::method_name(method), datatype_of(output), shape, first, out);
    first = false;
  }
  out += ']';
}

void encode_match_metadata(const scorer::MatchScorer& scorer, std::string& out) {
  const scorer::Candidates& candidates = scorer.candidates();
  out += R"("inputs":[{"name":"input","datatype":"BYTES","shape":[-1]}],"outputs":[)";
  append_metadata_tensor("id", candidates.integer_ids ? "INT64" : "BYTES", "[-1,-1]", true, out);
  append_metadata_tensor("answer_id", candidates.integer_answer_ids ? "INT64" : "BYTES", "[-1,-1]",
                         false, out);
  append_metadata_tensor("probability", "FP64", "[-1,-1]", false, out);
  out += ']';
}

}  // namespace

void begin_response(std::string_view model, const Request& request, std::string& out) {
  out += "{\"model_name\":";
  table::append_json_string(model, out);
  if (!request.id.empty()) {
    out += ",\"id\":";
    table::append_json_string(request.id, out);
  }
  out += ",\"outputs\":[";
}

void finish_response(std::string& out) { out += "]}"; }

void append_tensor(const MethodAnswer& answered, bool first, std::string& out) {
  const plan::Output& output = answered.output;
  const std::size_t width = output.names.size();
  const std::string shape = is_vector(answered.method, output)
                                ? std::to_string(answered.rows)
                                : fmt::format("{},{}", answered.rows, width);
  fmt::format_to(std::back_inserter(out),
                 R"({}{{"name":"{}","shape":[{}],"datatype":"{}","data":[)", first ? "" : ",",
                 plan::method_name(answered.method), shape, datatype_of(output));
  for (std::size_t i = 0; i < answered.rows; ++i) {
    if (i > 0) out += ',';
    const std::size_t start = out.size();
    answered.text.append_row(answered.answer, i, out);
    // Data is flat: a row's own brackets go.
    if (answered.text.rows_are_arrays()) {
      out.erase(start, 1);
      out.pop_back();
    }
  }
  out += "]}";
}

void append_match_tensors(const Request& request, std::span<const scorer::Ranked> ranked,
                          std::size_t queries, std::size_t k, const scorer::Candidates& candidates,
                          std::string& out) {
  bool first = true;
  const auto append = [&](std::string_view name, std::string_view datatype, const auto& cell) {
    if (!is_wanted(request, name)) return;
    fmt::format_to(std::back_inserter(out),
                   R"({}{{"name":"{}","shape":[{},{}],"datatype":"{}","data":[)", first ? "" : ",",
                   name, queries, k, datatype);
    first = false;
    for (std::size_t i = 0; i < ranked.size(); ++i) {
      if (i > 0) out += ',';
      cell(ranked[i]);
    }
    out += "]}";
  };
  append("id", candidates.integer_ids ? "INT64" : "BYTES", [&](const scorer::Ranked& each) {
    append_id(candidates.rows[each.candidate].id, candidates.integer_ids, out);
  });
  append("answer_id", candidates.integer_answer_ids ? "INT64" : "BYTES",
         [&](const scorer::Ranked& each) {
           append_id(candidates.rows[each.candidate].answer_id, candidates.integer_answer_ids, out);
         });
  append("probability", "FP64",
         [&](const scorer::Ranked& each) { table::append_json_number(each.score, out); });
}

void encode_server_metadata(std::string_view version, std::string& out) {
  fmt::format_to(std::back_inserter(out), R"({{"name":"sooth","version":"{}","extensions":[]}})",
                 version);
}

void encode_model_metadata(std::string_view model, const scorer::Scorer& scorer, std::string& out) {
  out += "{\"name\":";
  table::append_json_string(model, out);
  out += R"(,"versions":["1"],"platform":"sooth_native",)";
  if (const scorer::MatchScorer* match = scorer.match()) {
    encode_match_metadata(*match, out);
  } else {
    encode_columns_metadata(*scorer.columns(), out);
  }
  out += '}';
}

void encode_error(std::string_view message, std::string& out) {
  out += "{\"error\":";
  table::append_json_string(message, out);
  out += '}';
}

}  // namespace contract::oip_rest
