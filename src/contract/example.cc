#include "contract/example.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "base/base64.h"
#include "contract/tensor_answers.h"
#include "scorer/pattern.h"
#include "table/answer_writer.h"

namespace contract {
namespace {

using Cell = scorer::Examples::Cell;

// A picture that documents can show, and the side of the one that is made where there is none.
constexpr std::size_t kPictureBytesMax = 4096;
constexpr std::uint32_t kSide = 8;
// What is tried before the first request, and what documents can show.
constexpr std::size_t kTensorBytesMax = 64 << 20;

void append_cell(const Cell& cell, const data::Column& column, std::string& out) {
  const auto* json = std::get_if<std::string>(&cell);
  if (column.json != data::Json::None && json != nullptr) {
    out += *json;
  } else if (const auto* number = std::get_if<double>(&cell)) {
    table::append_json_number(*number, out);
  } else if (const auto* text = std::get_if<std::string>(&cell)) {
    table::append_json_string(*text, out);
  } else {
    out += "null";
  }
}

Cell usual_cell(const data::Column& column) {
  if (column.type == data::ColumnType::Number) return 0.0;
  if (column.json == data::Json::Object) return "{}";
  if (column.json != data::Json::None) return "[]";
  return column.categories.empty() ? std::string() : column.categories.front();
}

// Zeros, or empty texts, of the least shape; nothing where they are too large.
std::optional<engine::Tensor> usual_tensor(const engine::TensorSpec& spec) {
  engine::Tensor tensor{.type = spec.type, .shape = spec.shape, .bytes = {}, .texts = {}};
  std::replace(tensor.shape.begin(), tensor.shape.end(), engine::kAnyExtent, std::int64_t{1});
  const auto count = engine::count_elements(spec.type, tensor.shape);
  const bool text = spec.type == data::Datatype::Bytes;
  const std::size_t step = text ? sizeof(std::string) : data::datatype_bytes(spec.type);
  if (!count.ok() || *count > kTensorBytesMax / step) return std::nullopt;
  if (text) {
    tensor.texts.resize(*count);
  } else {
    tensor.bytes.resize(*count * step);
  }
  return tensor;
}

std::size_t elements_of(const scorer::TensorRequest& request) {
  std::size_t elements = 0;
  for (const engine::NamedTensor& each : request) elements += shown_elements({&each.tensor, 1});
  return elements;
}

// {"ids":[[0]],"mask":[[0]]}
std::string tensors_row(const Offer& offer, const std::vector<engine::Tensor>& tensors) {
  const std::size_t elements = shown_elements(tensors);
  if (tensors.empty() || elements > kShownElementsMax) return {};
  std::string out = "{";
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (i > 0) out += ',';
    table::append_json_string(offer.tensor_inputs()[i].name, out);
    out += ':';
    append_nested(tensors[i], {}, out);
  }
  return out + '}';
}

}  // namespace

std::size_t shown_elements(std::span<const engine::Tensor> tensors) {
  std::size_t elements = 0;
  for (const engine::Tensor& each : tensors) {
    elements += each.texts.size();
    if (!each.bytes.empty()) elements += each.bytes.size() / data::datatype_bytes(each.type);
  }
  return elements;
}

std::vector<engine::Tensor> example_tensors(const Offer& offer, const scorer::Examples& examples) {
  std::vector<engine::Tensor> tensors;
  if (!offer.is_tensors()) return tensors;
  if (!examples.requests.empty()) {
    // Of a batch that is too large to be shown, its first.
    scorer::TensorRequest first = examples.requests.front();
    if (elements_of(first) > kShownElementsMax) scorer::cut_batch(offer.tensor_inputs(), 1, first);
    for (const engine::NamedTensor& each : first) {
      tensors.push_back(each.tensor);
    }
    if (tensors.size() == offer.tensor_inputs().size()) return tensors;
    tensors.clear();
  }
  for (const engine::TensorSpec& spec : offer.tensor_inputs()) {
    auto tensor = usual_tensor(spec);
    if (!tensor) return {};
    tensors.push_back(*std::move(tensor));
  }
  return tensors;
}

std::string example_row(const Offer& offer, const scorer::Examples& examples) {
  if (offer.is_tensors()) return tensors_row(offer, example_tensors(offer, examples));
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
  if (columns.size() == 1 && columns.front().whole) {
    out.clear();
    append_cell(given ? examples.rows.front()[0] : usual_cell(columns.front()), columns.front(),
                out);
    return out;
  }
  bool first = true;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (!columns[c].used) continue;
    if (!first) out += ',';
    first = false;
    table::append_json_string(columns[c].name, out);
    out += ':';
    append_cell(given ? examples.rows.front()[c] : usual_cell(columns[c]), columns[c], out);
  }
  return out + '}';
}

std::string example_request(const Offer& offer, std::string_view row) {
  if (offer.is_tensors()) return row.empty() ? "" : "{\"inputs\":" + std::string(row) + '}';
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
