#include "contract/tensor_answers.h"

#include <cstdint>
#include <span>
#include <string_view>

#include <fmt/format.h>

#include "base/base64.h"
#include "base/text.h"
#include "contract/tensor_elements.h"
#include "table/answer_writer.h"

namespace contract {
namespace {

using base::Code;
using base::Error;
using data::Datatype;
using engine::Tensor;

void append_text_element(std::string_view text, const TensorText& how, std::string& out) {
  if (!how.base64 && !base::find_invalid_utf8(text)) return table::append_json_string(text, out);
  out += "{\"b64\":\"";
  out += base::base64_encode(text);
  out += "\"}";
}

void append_element(const Tensor& tensor, std::size_t at, const TensorText& text,
                    std::string& out) {
  if (tensor.type == Datatype::Bytes) return append_text_element(tensor.texts[at], text, out);
  const std::size_t step = data::datatype_bytes(tensor.type);
  append_json_element(tensor.type, tensor.bytes.data() + at * step, text.nan, out);
}

// The elements from `at` on, of such a shape; gives what stands behind them.
std::size_t append_array(const Tensor& tensor, std::span<const std::int64_t> shape, std::size_t at,
                         const TensorText& text, std::string& out) {
  if (shape.empty()) {
    append_element(tensor, at, text, out);
    return at + 1;
  }
  out += '[';
  for (std::int64_t i = 0; i < shape.front(); ++i) {
    if (i > 0) out += ',';
    at = append_array(tensor, shape.subspan(1), at, text, out);
  }
  out += ']';
  return at;
}

std::size_t element_count(std::span<const std::int64_t> shape) {
  std::size_t count = 1;
  for (const std::int64_t extent : shape) count *= static_cast<std::size_t>(extent);
  return count;
}

}  // namespace

void append_flat(const Tensor& tensor, const TensorText& text, std::string& out) {
  const std::size_t count = element_count(tensor.shape);
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) out += ',';
    append_element(tensor, i, text, out);
  }
}

void append_nested(const Tensor& tensor, const TensorText& text, std::string& out) {
  append_array(tensor, tensor.shape, 0, text, out);
}

void append_nested_row(const Tensor& tensor, std::size_t row, const TensorText& text,
                       std::string& out) {
  const auto shape = std::span<const std::int64_t>(tensor.shape).subspan(1);
  append_array(tensor, shape, row * element_count(shape), text, out);
}

void append_elements(const Tensor& tensor, std::string& out) {
  out += tensor.bytes;
  for (const std::string& text : tensor.texts) {
    const auto size = static_cast<std::uint32_t>(text.size());
    out.append(reinterpret_cast<const char*>(&size), sizeof(size));
    out += text;
  }
}

TensorText tensor_text(const Offer& offer, const Offer::Output& output) {
  return {.nan = offer.numbers().answer_nan, .base64 = output.name.ends_with("_bytes")};
}

base::Result<void> check_rows(const Ask& ask, const Answers& answers) {
  for (std::size_t at = 0; at < answers.tensors.size(); ++at) {
    const Tensor& tensor = answers.tensors[at];
    const Tensor& first = answers.tensors.front();
    if (!tensor.shape.empty() && tensor.shape.front() == first.shape.front()) continue;
    const Offer::Output& output = ask.offer.outputs()[ask.outputs[at]];
    return Error(
        Code::Invalid,
        fmt::format("output {}: expected as many rows as the other outputs for "
                    "\"predictions\", got {}; ask by \"inputs\", or for it alone",
                    base::quote(output.name), engine::tensor_form(tensor.type, tensor.shape)));
  }
  return {};
}

}  // namespace contract
