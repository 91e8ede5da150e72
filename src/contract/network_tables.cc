#include "contract/network_tables.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include <fmt/format.h>

#include "base/base64.h"
#include "base/text.h"
#include "contract/network_input.h"
#include "contract/tensor_answers.h"
#include "contract/tensor_elements.h"
#include "table/answer_writer.h"

namespace contract {
namespace {

using data::Datatype;
using engine::Tensor;

// The frame's cells row by row, as a message lists elements.
struct MatrixCells {
  const data::Frame& frame;

  int size() const { return static_cast<int>(frame.rows() * frame.columns()); }
  double Get(int at) const {  // NOLINT(readability-identifier-naming): as messages call it.
    const auto cell = static_cast<std::size_t>(at);
    return frame.number(cell / frame.columns(), cell % frame.columns());
  }
};

// Beyond, a float64 has not every integer, and which one was written is not known any more.
constexpr double kExactIntegers = 9007199254740992.0;

base::Result<void> check_exact(const TensorHead& head, const MatrixCells& cells) {
  for (int at = 0; at < cells.size(); ++at) {
    const double number = cells.Get(at);
    if (!(std::abs(number) >= kExactIntegers)) continue;
    return bad_element(head.name, static_cast<std::uint64_t>(at),
                       fmt::format("expected an integer below 2^53 in a table, got {}; send it as "
                                   "JSON",
                                   number));
  }
  return {};
}

bool same_rows(const Answers& answers) {
  return std::all_of(answers.tensors.begin(), answers.tensors.end(), [&](const Tensor& each) {
    return !each.shape.empty() && each.shape.front() == answers.tensors.front().shape.front();
  });
}

std::size_t row_elements(const Tensor& tensor) {
  std::size_t count = 1;
  for (std::size_t i = 1; i < tensor.shape.size(); ++i) {
    count *= static_cast<std::size_t>(tensor.shape[i]);
  }
  return count;
}

std::string_view output_name(const Ask& ask, std::size_t at) {
  return ask.offer.outputs()[ask.outputs[at]].name;
}

// "proba", or of several "proba_0,proba_1".
void append_csv_names(std::string_view name, std::size_t columns, std::string& out) {
  if (columns == 1) return table::append_csv_text(name, ',', out);
  for (std::size_t c = 0; c < columns; ++c) {
    if (c > 0) out += ',';
    table::append_csv_text(fmt::format("{}_{}", name, c), ',', out);
  }
}

// What is missing is an empty cell, and a text that is none is in base64.
void append_csv_cell(const Tensor& tensor, std::size_t at, std::string& out) {
  if (tensor.type == Datatype::Bytes) {
    const std::string& text = tensor.texts[at];
    const bool is_text = !base::find_invalid_utf8(text).has_value();
    return table::append_csv_text(is_text ? text : base::base64_encode(text), ',', out);
  }
  const char* const from = tensor.bytes.data() + at * data::datatype_bytes(tensor.type);
  const double number = data::read_number(tensor.type, from);
  if (std::isfinite(number)) return append_json_element(tensor.type, from, false, out);
  if (!std::isnan(number)) out += number > 0 ? "inf" : "-inf";
}

}  // namespace

base::Result<void> fill_matrix(const data::Frame& frame, Ask& ask) {
  const engine::TensorSpec& spec = ask.offer.tensor_inputs().front();
  const MatrixCells cells{frame};
  if (frame.rows() > std::size_t{std::numeric_limits<int>::max()} / frame.columns()) {
    return base::Error(base::Code::Exhausted, "body: expected fewer rows");
  }
  TensorHead head{.name = spec.name, .datatype = spec.type};
  TRY(head.add_extent(frame.rows()));
  TRY(head.add_extent(frame.columns()));
  if (is_long_integer(spec.type)) TRY(check_exact(head, cells));
  NetworkInput input(ask, head.elements());
  TRY_ASSIGN(const NetworkInput::Target target, input.begin(head));
  return input.fill_numbers(head, target, cells, {.name = "", .shape = "\"shape\""},
                            [](double number) { return number; });
}

bool has_json_rows(const Answers& answers) { return same_rows(answers); }

bool has_csv_rows(const Answers& answers) {
  return same_rows(answers) &&
         std::all_of(answers.tensors.begin(), answers.tensors.end(),
                     [](const Tensor& each) { return each.shape.size() <= 2; });
}

void append_csv_tensors(const Ask& ask, const Answers& answers, bool names, std::string& out) {
  for (std::size_t at = 0; names && at < answers.tensors.size(); ++at) {
    if (at > 0) out += ',';
    append_csv_names(output_name(ask, at), row_elements(answers.tensors[at]), out);
  }
  if (names) out += '\n';
  for (std::size_t row = 0; row < answers.rows; ++row) {
    bool first = true;
    for (const Tensor& tensor : answers.tensors) {
      const std::size_t columns = row_elements(tensor);
      for (std::size_t c = 0; c < columns; ++c) {
        if (!first) out += ',';
        first = false;
        append_csv_cell(tensor, row * columns + c, out);
      }
    }
    out += '\n';
  }
}

void append_json_lines_tensors(const Ask& ask, const Answers& answers, std::string& out) {
  const bool alone = answers.tensors.size() == 1;
  for (std::size_t row = 0; row < answers.rows; ++row) {
    for (std::size_t at = 0; at < answers.tensors.size(); ++at) {
      if (!alone) {
        out += at > 0 ? ',' : '{';
        table::append_json_string(output_name(ask, at), out);
        out += ':';
      }
      // A line has to be JSON whatever the server's other answers may hold.
      append_nested_row(answers.tensors[at], row, {.nan = false}, out);
    }
    out += alone ? "\n" : "}\n";
  }
}

}  // namespace contract
