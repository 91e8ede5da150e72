#include "contract/oip_rest.h"

#include <algorithm>
#include <array>
#include <functional>

#include <fmt/format.h>

#include "base/text.h"
#include "contract/request_fields.h"

namespace contract::oip_rest {
namespace {

using base::Code;
using base::Error;
using plan::Method;
namespace ondemand = simdjson::ondemand;

constexpr std::size_t kRankMax = 8;
constexpr std::size_t kInputsMax = 10'000;
constexpr std::array<std::string_view, 13> kNumeric = {
    "BOOL",  "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16",
    "INT32", "INT64", "FP16",   "BF16",   "FP32",   "FP64"};
constexpr std::array<std::string_view, 3> kMatchOutputs = {"id", "answer_id", "probability"};

// What a tensor says of itself, before its data.
struct TensorHead {
  std::string_view name;
  std::string_view datatype;
  std::vector<std::uint64_t> shape;
  bool has_data = false;

  std::uint64_t elements() const {
    std::uint64_t product = 1;
    for (const std::uint64_t extent : shape) {
      if (__builtin_mul_overflow(product, extent, &product)) return UINT64_MAX;
    }
    return product;
  }
};

Error bad_tensor(std::string_view name, std::string_view problem) {
  return {Code::Invalid, fmt::format("input {}: {}", base::quote(name), problem)};
}

base::Result<void> read_shape(ondemand::value value, JsonBody& json, TensorHead& head) {
  ondemand::array extents;
  if (const auto code = value.get_array().get(extents)) {
    return json.error(code, "\"shape\"", "an array of integers");
  }
  for (auto each : extents) {
    std::uint64_t extent = 0;
    if (const auto code = each.get_uint64().get(extent)) {
      return json.error(code, "\"shape\"", "an array of integers");
    }
    if (head.shape.size() == kRankMax) {
      return Error(Code::Invalid,
                   fmt::format("\"shape\": expected at most {} dimensions", kRankMax));
    }
    head.shape.push_back(extent);
  }
  return {};
}

base::Result<TensorHead> read_head(ondemand::object& tensor, JsonBody& json) {
  TensorHead head;
  bool has_shape = false;
  for (auto each : tensor) {
    ondemand::field field;
    if (const auto code = std::move(each).get(field)) return json.error(code, "\"inputs\"", "JSON");
    const auto key = field.key();
    if (key == "name" || key == "datatype") {
      std::string_view& text = key == "name" ? head.name : head.datatype;
      if (const auto code = field.value().get_string().get(text)) {
        return json.error(code, "\"name\" and \"datatype\"", "texts");
      }
    } else if (key == "shape") {
      TRY(read_shape(field.value(), json, head));
      has_shape = true;
    } else if (key == "data") {
      head.has_data = true;
    }
  }
  if (const auto code = tensor.reset().error()) return json.error(code, "\"inputs\"", "JSON");
  if (head.name.data() == nullptr) {
    return Error(Code::Invalid, "\"inputs\": expected a \"name\" in each, got none");
  }
  const bool known = head.datatype == "BYTES" ||
                     std::find(kNumeric.begin(), kNumeric.end(), head.datatype) != kNumeric.end();
  if (!known) {
    return bad_tensor(head.name,
                      fmt::format("\"datatype\": expected BYTES or one of {}, got {}",
                                  fmt::join(kNumeric, ", "), base::quote(head.datatype)));
  }
  if (!has_shape) return bad_tensor(head.name, "expected a \"shape\", got none");
  if (!head.has_data) return bad_tensor(head.name, "expected \"data\", got none");
  return head;
}

using OnElement = std::function<base::Result<void>(ondemand::value, std::uint64_t)>;

// Data may be nested as the shape is, flat, or anything between: elements come in row-major order
// in each case.
base::Result<void> for_each_element(ondemand::value value, JsonBody& json, std::size_t depth,
                                    std::uint64_t& count, const OnElement& on_element) {
  ondemand::json_type type{};
  if (const auto code = value.type().get(type)) return json.error(code, "\"data\"", "JSON");
  if (type != ondemand::json_type::array) return on_element(value, count++);
  if (depth == kRankMax) {
    return Error(Code::Invalid, fmt::format("\"data\": expected at most {} levels", kRankMax));
  }
  ondemand::array items;
  if (const auto code = value.get_array().get(items)) return json.error(code, "\"data\"", "JSON");
  for (auto each : items) {
    ondemand::value item;
    if (const auto code = std::move(each).get(item)) return json.error(code, "\"data\"", "JSON");
    TRY(for_each_element(item, json, depth + 1, count, on_element));
  }
  return {};
}

base::Result<void> read_data(ondemand::object& tensor, JsonBody& json, const TensorHead& head,
                             const OnElement& on_element) {
  ondemand::value data;
  if (const auto code = tensor.find_field_unordered("data").get(data)) {
    return json.error(code, "\"data\"", "an array");
  }
  const std::uint64_t expected = head.elements();
  const OnElement bounded = [&](ondemand::value value, std::uint64_t at) -> base::Result<void> {
    if (at >= expected) {
      return bad_tensor(
          head.name,
          fmt::format("\"data\": expected {} elements as \"shape\" says, got more", expected));
    }
    return on_element(value, at);
  };
  std::uint64_t count = 0;
  TRY(for_each_element(data, json, 0, count, bounded));
  if (count == expected) return {};
  return bad_tensor(
      head.name,
      fmt::format("\"data\": expected {} elements as \"shape\" says, got {}", expected, count));
}

base::Result<void> read_parameters(ondemand::value value, JsonBody& json, Request& request) {
  ondemand::object parameters;
  if (const auto code = value.get_object().get(parameters)) {
    return json.error(code, "\"parameters\"", "an object");
  }
  for (auto each : parameters) {
    ondemand::field field;
    if (const auto code = std::move(each).get(field)) {
      return json.error(code, "\"parameters\"", "JSON");
    }
    if (field.key() != "top_k") continue;
    TRY_ASSIGN(request.top_k, read_top_k(field.value()));
  }
  return {};
}

base::Result<void> read_outputs(ondemand::value value, JsonBody& json, Request& request) {
  ondemand::array outputs;
  if (const auto code = value.get_array().get(outputs)) {
    return json.error(code, "\"outputs\"", "an array");
  }
  for (auto each : outputs) {
    std::string_view name;
    if (const auto code = each.find_field_unordered("name").get_string().get(name)) {
      return json.error(code, "\"outputs\"", "objects with a \"name\"");
    }
    if (request.outputs.size() == kInputsMax) {
      return Error(Code::Invalid, fmt::format("\"outputs\": expected at most {}", kInputsMax));
    }
    request.outputs.emplace_back(name);
  }
  return {};
}

// All but the tensors, which are read when everything else is known.
base::Result<Request> read_request(ondemand::object& object, JsonBody& json) {
  Request request;
  bool has_inputs = false;
  for (auto each : object) {
    ondemand::field field;
    if (const auto code = std::move(each).get(field)) return json.error(code, "body", "JSON");
    const auto key = field.key();
    if (key == "id") {
      std::string_view id;
      if (const auto code = field.value().get_string().get(id)) {
        return json.error(code, "\"id\"", "a text");
      }
      request.id = id;
    } else if (key == "parameters") {
      TRY(read_parameters(field.value(), json, request));
    } else if (key == "outputs") {
      TRY(read_outputs(field.value(), json, request));
    } else if (key == "inputs") {
      has_inputs = true;
    }
  }
  TRY(json.close());
  if (!has_inputs) return Error(Code::Invalid, "body: expected a key \"inputs\", got none");
  if (const auto code = object.reset().error()) return json.error(code, "body", "JSON");
  return request;
}

using OnTensor = std::function<base::Result<void>(ondemand::object&, const TensorHead&)>;

base::Result<std::size_t> for_each_tensor(ondemand::object& object, JsonBody& json,
                                          const OnTensor& on_tensor) {
  ondemand::array inputs;
  if (const auto code = object.find_field_unordered("inputs").get_array().get(inputs)) {
    return json.error(code, "\"inputs\"", "an array");
  }
  std::size_t count = 0;
  for (auto each : inputs) {
    ondemand::object tensor;
    if (const auto code = each.get_object().get(tensor)) {
      return json.error(code, "\"inputs\"", "objects");
    }
    if (++count > kInputsMax) {
      return Error(Code::Invalid, fmt::format("\"inputs\": expected at most {}", kInputsMax));
    }
    TRY_ASSIGN(const TensorHead head, read_head(tensor, json));
    TRY(on_tensor(tensor, head));
  }
  return count;
}

// [n] or [n, 1]
std::optional<std::uint64_t> rows_of_column(const TensorHead& head) {
  if (head.shape.size() == 1) return head.shape[0];
  if (head.shape.size() == 2 && head.shape[1] == 1) return head.shape[0];
  return std::nullopt;
}

// Fills a frame tensor by tensor.
class ColumnsReader {
 public:
  ColumnsReader(JsonBody& json, table::RowReader& reader, data::Frame& frame)
      : json_(json), reader_(reader), frame_(frame), seen_(signature().columns.size()) {}

  base::Result<void> read(ondemand::object& tensor, const TensorHead& head) {
    const auto column = signature().find(head.name);
    if (!column) {
      if (all_numbers() && head.shape.size() == 2 && !rows_) return read_matrix(tensor, head);
      std::vector<std::string_view> names;
      for (const data::Column& each : signature().columns) names.push_back(each.name);
      const auto near = base::nearest(head.name, names);
      return bad_tensor(head.name,
                        fmt::format("expected the name of a column of the model{}",
                                    near ? fmt::format("; did you mean \"{}\"?", *near) : ""));
    }
    if (seen_[*column]) return bad_tensor(head.name, "expected it once, got it twice");
    seen_[*column] = true;
    const bool text = signature().columns[*column].type == data::ColumnType::Text;
    if (text != (head.datatype == "BYTES")) {
      return bad_tensor(head.name,
                        fmt::format("expected {}, got {}", text ? "BYTES" : "a datatype of numbers",
                                    head.datatype));
    }
    const auto rows = rows_of_column(head);
    if (!rows) return bad_tensor(head.name, "expected \"shape\" [n] or [n, 1]");
    TRY(set_rows(head, *rows));
    return read_data(tensor, json_, head, [&](ondemand::value value, std::uint64_t at) {
      return reader_.read_cell(value, frame_, static_cast<std::size_t>(at), *column);
    });
  }

  base::Result<void> finish() const {
    for (std::size_t c = 0; c < seen_.size(); ++c) {
      if (signature().columns[c].used && !seen_[c]) {
        return bad_tensor(signature().columns[c].name, "expected this column, got none");
      }
    }
    if (frame_.rows() == 0) return Error(Code::Invalid, "\"inputs\": expected at least one row");
    return {};
  }

 private:
  // Rows take memory before their data is seen; a body cannot hold more elements than bytes.
  static constexpr std::uint64_t kRowsMax = 1 << 24;

  const data::Signature& signature() const { return reader_.signature(); }

  bool all_numbers() const {
    return std::all_of(
        signature().columns.begin(), signature().columns.end(),
        [](const data::Column& each) { return each.type == data::ColumnType::Number; });
  }

  base::Result<void> set_rows(const TensorHead& head, std::uint64_t rows) {
    if (rows > kRowsMax) {
      return bad_tensor(head.name, fmt::format("expected at most {} rows, got {}", kRowsMax, rows));
    }
    if (rows_ && *rows_ != rows) {
      return bad_tensor(head.name,
                        fmt::format("expected {} rows as the inputs before, got {}", *rows_, rows));
    }
    if (!rows_) {
      for (std::uint64_t i = 0; i < rows; ++i) frame_.add_row();
    }
    rows_ = rows;
    return {};
  }

  base::Result<void> read_matrix(ondemand::object& tensor, const TensorHead& head) {
    const std::size_t width = signature().columns.size();
    if (head.datatype == "BYTES") {
      return bad_tensor(head.name, "expected a datatype of numbers, got BYTES");
    }
    if (head.shape[1] != width) {
      return bad_tensor(head.name, fmt::format("expected \"shape\" [n, {}], got [{}]", width,
                                               fmt::join(head.shape, ", ")));
    }
    TRY(set_rows(head, head.shape[0]));
    std::fill(seen_.begin(), seen_.end(), true);
    return read_data(tensor, json_, head, [&](ondemand::value value, std::uint64_t at) {
      return reader_.read_cell(value, frame_, static_cast<std::size_t>(at / width),
                               static_cast<std::size_t>(at % width));
    });
  }

  JsonBody& json_;
  table::RowReader& reader_;
  data::Frame& frame_;
  std::vector<bool> seen_;
  std::optional<std::uint64_t> rows_;
};

}  // namespace

base::Result<Request> decode_match(std::string_view body, JsonBody& json,
                                   std::vector<std::string_view>& inputs) {
  TRY_ASSIGN(ondemand::object object, json.open_object(body));
  TRY_ASSIGN(Request request, read_request(object, json));
  inputs.clear();
  const auto read = [&](ondemand::object& tensor, const TensorHead& head) -> base::Result<void> {
    if (head.name != "input") return bad_tensor(head.name, "expected the one input \"input\"");
    if (head.datatype != "BYTES") {
      return bad_tensor(head.name, fmt::format("expected BYTES, got {}", head.datatype));
    }
    if (!rows_of_column(head)) return bad_tensor(head.name, "expected \"shape\" [n] or [n, 1]");
    return read_data(
        tensor, json, head, [&](ondemand::value value, std::uint64_t at) -> base::Result<void> {
          std::string_view text;
          if (const auto code = value.get_string().get(text)) {
            return json.error(code, fmt::format("input \"input\", row {}", at), "a text");
          }
          inputs.push_back(text);
          return {};
        });
  };
  TRY_ASSIGN(const std::size_t count, for_each_tensor(object, json, read));
  if (count != 1 || inputs.empty()) {
    return Error(Code::Invalid, "\"inputs\": expected one tensor \"input\" of at least one text");
  }
  TRY(check_match_outputs(request));
  return request;
}

base::Result<Request> decode_columns(std::string_view body, JsonBody& json,
                                     const scorer::ColumnsScorer&, table::RowReader& reader,
                                     data::Frame& frame) {
  TRY_ASSIGN(ondemand::object object, json.open_object(body));
  TRY_ASSIGN(Request request, read_request(object, json));
  frame.clear();
  ColumnsReader columns(json, reader, frame);
  TRY(for_each_tensor(object, json, [&](ondemand::object& tensor, const TensorHead& head) {
    return columns.read(tensor, head);
  }));
  TRY(columns.finish());
  return request;
}

base::Result<std::vector<Method>> choose_methods(const Request& request,
                                                 const scorer::ColumnsScorer& scorer) {
  if (request.outputs.empty()) return scorer.methods();
  std::vector<Method> methods;
  for (const std::string& name : request.outputs) {
    TRY_ASSIGN(const Method method, parse_offered(name, scorer, "output"));
    methods.push_back(method);
  }
  return methods;
}

base::Result<void> check_match_outputs(const Request& request) {
  for (const std::string& name : request.outputs) {
    if (std::find(kMatchOutputs.begin(), kMatchOutputs.end(), name) == kMatchOutputs.end()) {
      return Error(Code::Invalid, fmt::format("output {}: expected {}", base::quote(name),
                                              fmt::join(kMatchOutputs, ", ")));
    }
  }
  return {};
}

}  // namespace contract::oip_rest
