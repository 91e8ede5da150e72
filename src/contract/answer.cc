#include "contract/answer.h"

#include <cmath>

#include "table/answer_writer.h"

namespace contract {
namespace {

std::string label_json(const data::Labels& labels, std::size_t index) {
  const std::string text = data::label_text(labels, index);
  if (std::holds_alternative<std::vector<bool>>(labels)) return text == "True" ? "true" : "false";
  std::string out;
  if (std::holds_alternative<std::vector<std::string>>(labels)) {
    table::append_json_string(text, out);
  } else if (const auto* numbers = std::get_if<std::vector<double>>(&labels)) {
    table::append_json_number((*numbers)[index], out);
  } else {
    out = text;
  }
  return out;
}

}  // namespace

bool is_bare_value(plan::Method method, const plan::Output& output) {
  using plan::Method;
  return output.names.size() == 1 &&
         (output.flat || method == Method::Predict || method == Method::DecisionFunction ||
          method == Method::ScoreSamples);
}

AnswerText::AnswerText(plan::Method method, const plan::Output& output, bool nan)
    : columns_(output.names.size()),
      arrays_(!is_bare_value(method, output)),
      nan_(nan),
      form_(output.form) {
  for (const data::Labels& labels : output.classes) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < data::label_count(labels); ++i) {
      texts.push_back(label_json(labels, i));
    }
    labels_.push_back(std::move(texts));
  }
}

void AnswerText::append_cell(std::size_t column, double value, std::string& out) const {
  if (column < labels_.size() && !labels_[column].empty()) {
    out += labels_[column][static_cast<std::size_t>(value)];
  } else if (nan_ && !std::isfinite(value)) {
    out += std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  } else {
    table::append_json_number(value, out);
  }
}

void AnswerText::append_row(const plan::Buffer& answer, std::size_t row, std::string& out) const {
  if (arrays_) out += '[';
  if (form_ == plan::Form::Dense) {
    const double* cells = answer.dense.row(row);
    for (std::size_t c = 0; c < columns_; ++c) {
      if (c > 0) out += ',';
      append_cell(c, cells[c], out);
    }
  } else {
    const auto indices = answer.sparse.row_indices(row);
    const auto values = answer.sparse.row_values(row);
    std::size_t k = 0;
    for (std::size_t c = 0; c < columns_; ++c) {
      if (c > 0) out += ',';
      double sum = 0;
      for (; k < indices.size() && indices[k] == c; ++k) sum += values[k];
      append_cell(c, sum, out);
    }
  }
  if (arrays_) out += ']';
}

void AnswerText::append_rows(const plan::Buffer& answer, std::size_t rows, std::string& out) const {
  out += '[';
  for (std::size_t i = 0; i < rows; ++i) {
    if (i > 0) out += ',';
    append_row(answer, i, out);
  }
  out += ']';
}

void append_id(const std::string& id, bool integer, std::string& out) {
  if (integer) {
    out += id;
  } else {
    table::append_json_string(id, out);
  }
}

}  // namespace contract
