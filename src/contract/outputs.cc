#include "contract/outputs.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "contract/tensor_answers.h"
#include "table/answer_writer.h"

namespace contract {
namespace {

using data::Datatype;
using Output = Offer::Output;

const Output& output_of(const Ask& ask, std::size_t at) {
  return ask.offer.outputs()[ask.outputs[at]];
}

const scorer::Candidates::Row& candidate_of(const Ask& ask, const scorer::Ranked& ranked) {
  return ask.offer.candidates().rows[ranked.candidate];
}

void append_ranked_cell(const Ask& ask, std::size_t output, const scorer::Ranked& ranked,
                        std::string& out) {
  const scorer::Candidates& candidates = ask.offer.candidates();
  if (output == Offer::kId) {
    append_id(candidate_of(ask, ranked).id, candidates.integer_ids, out);
  } else if (output == Offer::kAnswerId) {
    append_id(candidate_of(ask, ranked).answer_id, candidates.integer_answer_ids, out);
  } else {
    table::append_json_number(ranked.score, out);
  }
}

std::span<const scorer::Ranked> ranked_of(const Answers& answers, std::size_t row) {
  return answers.ranked.subspan(row * answers.ranks, answers.ranks);
}

template <typename T>
void append_raw(T value, std::string& out) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

void append_raw_text(std::string_view text, std::string& out) {
  append_raw(static_cast<std::uint32_t>(text.size()), out);
  out += text;
}

// Ids were checked to be integers when the candidates were read.
std::int64_t integer_of(const std::string& id) {
  std::int64_t value = 0;
  std::from_chars(id.data(), id.data() + id.size(), value);
  return value;
}

void append_ranked_binary(const Ask& ask, std::size_t output, const Answers& answers,
                          std::string& out) {
  const bool integers = ask.offer.outputs()[output].datatype == Datatype::Int64;
  for (const scorer::Ranked& ranked : answers.ranked) {
    if (output == Offer::kProbability) {
      append_raw(ranked.score, out);
      continue;
    }
    const auto& candidate = candidate_of(ask, ranked);
    const std::string& id = output == Offer::kId ? candidate.id : candidate.answer_id;
    if (integers) {
      append_raw(integer_of(id), out);
    } else {
      append_raw_text(id, out);
    }
  }
}

// Calls `each` with the column and value of every cell, zeros among them.
template <typename Each>
void for_each_cell(const Output& output, const plan::Buffer& buffer, std::size_t rows,
                   const Each& each) {
  for (std::size_t i = 0; i < rows; ++i) {
    if (output.columns->form == plan::Form::Dense) {
      const double* const cells = buffer.dense.row(i);
      for (std::size_t c = 0; c < output.width; ++c) each(c, cells[c]);
      continue;
    }
    const auto indices = buffer.sparse.row_indices(i);
    const auto values = buffer.sparse.row_values(i);
    std::size_t k = 0;
    for (std::size_t c = 0; c < output.width; ++c) {
      double sum = 0;
      for (; k < indices.size() && indices[k] == c; ++k) sum += values[k];
      each(c, sum);
    }
  }
}

void append_label_binary(const data::Labels& labels, std::size_t index, std::string& out) {
  if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&labels)) {
    append_raw((*integers)[index], out);
  } else if (const auto* flags = std::get_if<std::vector<bool>>(&labels)) {
    out += (*flags)[index] ? '\1' : '\0';
  } else if (const auto* texts = std::get_if<std::vector<std::string>>(&labels)) {
    append_raw_text((*texts)[index], out);
  } else if (const auto* numbers = std::get_if<std::vector<double>>(&labels)) {
    append_raw((*numbers)[index], out);
  }
}

void append_rows_binary(const Output& output, const plan::Buffer& buffer, std::size_t rows,
                        std::string& out) {
  const std::vector<data::Labels>& classes = output.columns->classes;
  if (classes.empty() && output.columns->form == plan::Form::Dense) {
    out.append(reinterpret_cast<const char*>(buffer.dense.values.data()),
               rows * output.width * sizeof(double));
    return;
  }
  for_each_cell(output, buffer, rows, [&](std::size_t column, double value) {
    const bool labelled = column < classes.size() && data::label_count(classes[column]) > 0;
    if (labelled) {
      append_label_binary(classes[column], static_cast<std::size_t>(value), out);
    } else {
      append_raw(value, out);
    }
  });
}

}  // namespace

std::vector<std::int64_t> shape_of(const Ask& ask, const Answers& answers, std::size_t at) {
  const Output& output = output_of(ask, at);
  if (output.shape == Offer::Shape::Tensor) return answers.tensors[at].shape;
  std::vector<std::int64_t> shape = {static_cast<std::int64_t>(answers.rows)};
  if (output.shape != Offer::Shape::Vector) {
    shape.push_back(static_cast<std::int64_t>(width_of(ask, answers, at)));
  }
  return shape;
}

std::size_t width_of(const Ask& ask, const Answers& answers, std::size_t at) {
  const Output& output = output_of(ask, at);
  return output.shape == Offer::Shape::Ranked ? answers.ranks : output.width;
}

void append_json_row(const Ask& ask, const Answers& answers, std::size_t at, std::size_t row,
                     std::string& out) {
  const Output& output = output_of(ask, at);
  if (output.shape == Offer::Shape::Tensor) {
    return append_nested_row(answers.tensors[at], row, tensor_text(ask.offer, output), out);
  }
  if (output.shape != Offer::Shape::Ranked) {
    output.text->append_row(*answers.buffers[at], row, out);
    return;
  }
  out += '[';
  bool first = true;
  for (const scorer::Ranked& ranked : ranked_of(answers, row)) {
    if (!first) out += ',';
    first = false;
    append_ranked_cell(ask, ask.outputs[at], ranked, out);
  }
  out += ']';
}

void append_json_cells(const Ask& ask, const Answers& answers, std::size_t at, std::string& out) {
  const Output& output = output_of(ask, at);
  if (output.shape == Offer::Shape::Tensor) {
    return append_flat(answers.tensors[at], {.nan = ask.offer.numbers().answer_nan}, out);
  }
  const bool arrays = output.shape != Offer::Shape::Vector;
  for (std::size_t i = 0; i < answers.rows; ++i) {
    if (i > 0) out += ',';
    const std::size_t start = out.size();
    append_json_row(ask, answers, at, i, out);
    if (arrays) {  // A row's own brackets go.
      out.erase(start, 1);
      out.pop_back();
    }
  }
}

void append_json_rows(const Ask& ask, const Answers& answers, std::string& out) {
  // The only one as it is, be it a scalar.
  if (ask.offer.is_tensors() && ask.outputs.size() == 1) {
    return append_json_columns(ask, answers, out);
  }
  out += '[';
  for (std::size_t i = 0; i < answers.rows; ++i) {
    if (i > 0) out += ',';
    if (ask.outputs.size() == 1) {
      append_json_row(ask, answers, 0, i, out);
      continue;
    }
    for (std::size_t at = 0; at < ask.outputs.size(); ++at) {
      out += at > 0 ? ',' : '{';
      table::append_json_string(output_of(ask, at).name, out);
      out += ':';
      append_json_row(ask, answers, at, i, out);
    }
    out += '}';
  }
  out += ']';
}

void append_json_columns(const Ask& ask, const Answers& answers, std::string& out) {
  const auto append_column = [&](std::size_t at) {
    const Output& output = output_of(ask, at);
    if (output.shape == Offer::Shape::Tensor) {
      return append_nested(answers.tensors[at], tensor_text(ask.offer, output), out);
    }
    out += '[';
    for (std::size_t i = 0; i < answers.rows; ++i) {
      if (i > 0) out += ',';
      append_json_row(ask, answers, at, i, out);
    }
    out += ']';
  };
  if (ask.outputs.size() == 1) return append_column(0);
  for (std::size_t at = 0; at < ask.outputs.size(); ++at) {
    out += at > 0 ? ',' : '{';
    table::append_json_string(output_of(ask, at).name, out);
    out += ':';
    append_column(at);
  }
  out += '}';
}

void append_ranked_row(const Ask& ask, const Answers& answers, std::size_t row, std::string& out) {
  out += '[';
  bool first = true;
  for (const scorer::Ranked& ranked : ranked_of(answers, row)) {
    out += first ? "[" : ",[";
    first = false;
    append_ranked_cell(ask, Offer::kId, ranked, out);
    out += ',';
    append_ranked_cell(ask, Offer::kAnswerId, ranked, out);
    out += ',';
    append_ranked_cell(ask, Offer::kProbability, ranked, out);
    out += ']';
  }
  out += ']';
}

void append_binary(const Ask& ask, const Answers& answers, std::size_t at, std::string& out) {
  const Output& output = output_of(ask, at);
  if (output.shape == Offer::Shape::Tensor) {
    append_elements(answers.tensors[at], out);
  } else if (output.shape == Offer::Shape::Ranked) {
    append_ranked_binary(ask, ask.outputs[at], answers, out);
  } else {
    append_rows_binary(output, *answers.buffers[at], answers.rows, out);
  }
}

void append_csv(const Ask& ask, const Answers& answers, bool names, std::string& out) {
  const Output& first = output_of(ask, 0);
  if (first.shape == Offer::Shape::Ranked) {
    if (names)
      out += ask.offer.is_image() ? "id,label,probability\n" : "id,answer_id,probability\n";
    for (const scorer::Ranked& ranked : answers.ranked) {
      const auto& candidate = candidate_of(ask, ranked);
      table::append_csv_text(candidate.id, ',', out);
      out += ',';
      table::append_csv_text(candidate.answer_id, ',', out);
      out += ',';
      table::append_json_number(ranked.score, out);
      out += '\n';
    }
    return;
  }
  const auto writer = table::make_csv_writer({first.columns->names, first.columns->classes});
  if (names) writer->begin(out);
  std::vector<double> row;
  row.reserve(first.width);
  for_each_cell(first, *answers.buffers.front(), answers.rows,
                [&](std::size_t /*column*/, double value) {
                  row.push_back(value);
                  if (row.size() < first.width) return;
                  writer->row(row, out);
                  row.clear();
                });
}

void append_json_lines(const Ask& ask, const Answers& answers, std::string& out) {
  for (std::size_t i = 0; i < answers.rows; ++i) {
    append_json_row(ask, answers, 0, i, out);
    out += '\n';
  }
}

}  // namespace contract
