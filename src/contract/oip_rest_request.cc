#include "contract/oip_rest_request.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "contract/raw_tensor.h"
#include "contract/request_fields.h"
#include "contract/tensor_json.h"
#include "table/json_numbers.h"

namespace contract::oip_rest {
namespace {

using base::Code;
using base::Error;
namespace ondemand = simdjson::ondemand;

constexpr std::string_view kParameters = "\"parameters\"";
constexpr std::size_t kInputsMax = 10'000;
// The fewest bytes that an element takes in JSON, "0,", and in binary.
constexpr std::size_t kElementBytesMin = 2;

// A tensor as the JSON has it: its data from there on, or so many bytes behind the JSON.
struct JsonTensor {
  TensorHead head;
  const char* data = nullptr;
  std::optional<std::uint64_t> binary_bytes;
};

base::Result<void> read_shape(JsonBody& json, ondemand::value value, TensorHead& head) {
  ondemand::array extents;
  if (const auto code = value.get_array().get(extents)) {
    return json.error(code, "\"shape\"", "an array of integers");
  }
  for (auto each : extents) {
    std::uint64_t extent = 0;
    if (const auto code = each.get_uint64().get(extent)) {
      return json.error(code, "\"shape\"", "an array of integers");
    }
    TRY(head.add_extent(extent));
  }
  return {};
}

base::Result<void> read_tensor_parameters(JsonBody& json, ondemand::value value,
                                          JsonTensor& tensor) {
  const auto read_one = [&](ondemand::field& field) -> base::Result<void> {
    const auto key = field.key();
    if (key == "shared_memory_region") return no_shared_memory();
    if (!(key == "binary_data_size")) return {};
    std::uint64_t bytes = 0;
    if (const auto code = field.value().get_uint64().get(bytes)) {
      return json.error(code, "\"binary_data_size\"", "a number of bytes");
    }
    tensor.binary_bytes = bytes;
    return {};
  };
  return for_each_field(json, value, kParameters, read_one);
}

base::Result<std::string_view> read_text(JsonBody& json, ondemand::value value) {
  std::string_view text;
  if (const auto code = value.get_string().get(text)) {
    return json.error(code, "\"name\" and \"datatype\"", "texts");
  }
  return text;
}

base::Result<void> check_head(const JsonTensor& tensor, std::string_view datatype, bool has_shape) {
  const TensorHead& head = tensor.head;
  if (head.name.data() == nullptr) {
    return Error(Code::Invalid, "\"inputs\": expected a \"name\" in each, got none");
  }
  if (!data::parse_datatype(datatype)) {
    return bad_tensor(head.name,
                      fmt::format("\"datatype\": expected one of BOOL, UINT8 to UINT64, INT8 to "
                                  "INT64, FP16, BF16, FP32, FP64 and BYTES, got {}",
                                  base::quote(datatype)));
  }
  if (!has_shape) return bad_tensor(head.name, "expected a \"shape\", got none");
  const bool has_data = tensor.data != nullptr;
  if (has_data == tensor.binary_bytes.has_value()) {
    return bad_tensor(head.name, has_data ? "expected \"data\" or \"binary_data_size\", got both"
                                          : "expected \"data\", got none");
  }
  return {};
}

base::Result<JsonTensor> read_tensor_head(JsonBody& json, ondemand::object& object) {
  JsonTensor tensor;
  std::string_view datatype;
  bool has_shape = false;
  const auto read_one = [&](ondemand::field& field) -> base::Result<void> {
    const auto key = field.key();
    if (key == "name") {
      TRY_ASSIGN(tensor.head.name, read_text(json, field.value()));
    } else if (key == "datatype") {
      TRY_ASSIGN(datatype, read_text(json, field.value()));
    } else if (key == "shape") {
      TRY(read_shape(json, field.value(), tensor.head));
      has_shape = true;
    } else if (key == "parameters") {
      TRY(read_tensor_parameters(json, field.value(), tensor));
    } else if (key == "data") {
      tensor.data = field.value().raw_json_token().data();
    }
    return {};
  };
  TRY(for_each_field(json, object, "\"inputs\"", read_one));
  if (const auto code = object.reset().error()) return json.error(code, "\"inputs\"", "JSON");
  TRY(check_head(tensor, datatype, has_shape));
  tensor.head.datatype = *data::parse_datatype(datatype);
  return tensor;
}

// A body that is a text, as a list of one, such as messages have.
struct OneText {
  std::string_view text;
  static int size() { return 1; }
  std::string_view Get(int /*at*/) const { return text; }  // NOLINT(readability-identifier-naming)
};

// Where the elements of a tensor's "data" go, in their order.
class Elements {
 public:
  Elements(Reader& reader, const TensorHead& head, const TensorInput::Target& target)
      : reader_(reader), head_(head), expected_(head.elements()), cell_(target) {}

  // Whether the array that begins there is one of numbers alone, and is taken. Precondition: a
  // column of numbers; a bracket stands somewhere behind.
  bool take_numbers(const char* at) {
    const std::uint64_t count = count_;
    const TensorInput::Cell cell = cell_;
    const bool taken = table::read_numbers(at, [this](double number) {
      if (count_ == expected_) return false;
      reader_.ask.frame.set_number(cell_.row(), cell_.column(), number);
      advance();
      return true;
    });
    if (taken) return true;
    count_ = count;
    cell_ = cell;
    return false;
  }

  // Data may be nested as the shape is, flat, or anything between: elements come in row-major order
  // in each case.
  base::Result<void> take(ondemand::value value, std::size_t depth) {
    ondemand::json_type type{};
    // What has no type is for the cell to refuse, which also knows NaN.
    const bool typed = value.type().get(type) == simdjson::SUCCESS;
    if (!typed || type != ondemand::json_type::array) return take_one(value);
    if (depth == kRankMax) {
      return Error(Code::Invalid, fmt::format("\"data\": expected at most {} levels", kRankMax));
    }
    if (is_of_numbers() && take_numbers(value.raw_json_token().data())) return {};
    ondemand::array items;
    if (const auto code = value.get_array().get(items)) return error(code);
    for (auto each : items) {
      ondemand::value item;
      if (const auto code = std::move(each).get(item)) return error(code);
      TRY(take(item, depth + 1));
    }
    return {};
  }

  bool is_of_numbers() const { return head_.datatype != data::Datatype::Bytes; }

  // After the last.
  base::Result<void> check_complete() const {
    if (count_ == expected_) return {};
    return bad_tensor(
        head_.name,
        fmt::format("\"data\": expected {} elements as \"shape\" says, got {}", expected_, count_));
  }

 private:
  base::Result<void> take_one(ondemand::value value) {
    if (count_ == expected_) {
      return bad_tensor(
          head_.name,
          fmt::format("\"data\": expected {} elements as \"shape\" says, got more", expected_));
    }
    TRY(reader_.rows.read_cell(value, reader_.ask.frame, cell_.row(), cell_.column()));
    advance();
    return {};
  }
  void advance() {
    ++count_;
    ++cell_;
  }
  Error error(simdjson::error_code code) const {
    return reader_.json.error(code, "\"data\"", "JSON");
  }

  Reader& reader_;
  const TensorHead& head_;
  const std::uint64_t expected_;
  std::uint64_t count_ = 0;
  TensorInput::Cell cell_;
};

base::Result<ondemand::value> find_data(Reader& reader, ondemand::object& object) {
  ondemand::value data;
  if (const auto code = object.find_field_unordered("data").get(data)) {
    return reader.json.error(code, "\"data\"", "an array");
  }
  return data;
}

base::Result<void> read_data(Reader& reader, ondemand::object& object, const JsonTensor& tensor,
                             NetworkInput& input) {
  TRY_ASSIGN(const NetworkInput::Target target, input.begin(tensor.head));
  TensorJson elements(reader, target.input);
  if (!elements.take_flat(tensor.data)) {
    TRY_ASSIGN(const ondemand::value data, find_data(reader, object));
    TRY(elements.take_any(data));
  }
  return elements.end_flat(tensor.head);
}

base::Result<void> read_data(Reader& reader, ondemand::object& object, const JsonTensor& tensor,
                             TensorInput& input) {
  TRY_ASSIGN(const TensorInput::Target target, input.begin(tensor.head));
  if (target.unread) return {};
  input.make_room(target);
  Elements elements(reader, tensor.head, target);
  // Mostly all of it, and then nothing has to look for it again.
  if (!elements.is_of_numbers() || !elements.take_numbers(tensor.data)) {
    TRY_ASSIGN(const ondemand::value data, find_data(reader, object));
    TRY(elements.take(data, 0));
  }
  return elements.check_complete();
}

// Whether an output is wanted in binary, where its parameters say so.
base::Result<void> read_output_parameters(JsonBody& json, ondemand::value value,
                                          std::optional<bool>& binary) {
  const auto read_one = [&](ondemand::field& field) -> base::Result<void> {
    const auto key = field.key();
    if (key == "classification") return no_classification();
    if (key == "shared_memory_region") return no_shared_memory();
    if (!(key == "binary_data")) return {};
    bool wanted = false;
    if (const auto code = field.value().get_bool().get(wanted)) {
      return json.error(code, "\"binary_data\"", "true or false");
    }
    binary = wanted;
    return {};
  };
  return for_each_field(json, value, kParameters, read_one);
}

}  // namespace

base::Result<void> Request::read_parameters(Reader& reader, ondemand::value value) {
  const auto read_one = [&](ondemand::field& field) -> base::Result<void> {
    const auto key = field.key();
    if (key == "top_k") {
      TRY_ASSIGN(reader.ask.top_k, read_top_k(field.value()));
    } else if (key == "binary_data_output") {
      if (const auto code = field.value().get_bool().get(binary_by_default_)) {
        return reader.json.error(code, "\"binary_data_output\"", "true or false");
      }
    }
    return {};
  };
  return for_each_field(reader.json, value, kParameters, read_one);
}

base::Result<void> Request::read_output(Reader& reader, ondemand::object output) {
  Ask& ask = reader.ask;
  std::string_view name;
  std::optional<bool> binary;
  const auto read_one = [&](ondemand::field& field) -> base::Result<void> {
    const auto key = field.key();
    if (key == "name") {
      if (const auto code = field.value().get_string().get(name)) {
        return reader.json.error(code, "\"outputs\"", "objects with a \"name\"");
      }
    } else if (key == "parameters") {
      TRY(read_output_parameters(reader.json, field.value(), binary));
    }
    return {};
  };
  TRY(for_each_field(reader.json, output, "\"outputs\"", read_one));
  TRY_ASSIGN(const std::size_t at,
             ask.offer.find_output(name, fmt::format("output {}", base::quote(name))));
  if (std::find(ask.outputs.begin(), ask.outputs.end(), at) != ask.outputs.end()) {
    return Error(Code::Invalid,
                 fmt::format("output {}: expected it once, got it twice", base::quote(name)));
  }
  ask.outputs.push_back(at);
  binary_.push_back(binary);
  return {};
}

base::Result<void> Request::read_outputs(Reader& reader, ondemand::value value) {
  ondemand::array outputs;
  if (const auto code = value.get_array().get(outputs)) {
    return reader.json.error(code, "\"outputs\"", "an array");
  }
  for (auto each : outputs) {
    ondemand::object output;
    if (const auto code = each.get_object().get(output)) {
      return reader.json.error(code, "\"outputs\"", "objects with a \"name\"");
    }
    TRY(read_output(reader, output));
  }
  return {};
}

// All but the tensors, which are read when everything else is known.
base::Result<void> Request::read_head(Reader& reader, ondemand::object& object) {
  bool has_inputs = false;
  const auto read_one = [&](ondemand::field& field) -> base::Result<void> {
    const auto key = field.key();
    if (key == "id") {
      std::string_view id;
      if (const auto code = field.value().get_string().get(id)) {
        return reader.json.error(code, "\"id\"", "a text");
      }
      id_ = id;
    } else if (key == "parameters") {
      TRY(read_parameters(reader, field.value()));
    } else if (key == "outputs") {
      TRY(read_outputs(reader, field.value()));
    } else if (key == "inputs") {
      if (has_inputs) return repeated_key("inputs");
      has_inputs = true;
    }
    return {};
  };
  TRY(for_each_field(reader.json, object, "body", read_one));
  TRY(reader.json.close());
  if (!has_inputs) return Error(Code::Invalid, "body: expected a key \"inputs\", got none");
  if (const auto code = object.reset().error()) return reader.json.error(code, "body", "JSON");
  if (reader.ask.outputs.empty()) want_all(reader.ask);
  return {};
}

// The next bytes behind the JSON.
base::Result<std::string_view> Request::take_binary(const TensorHead& head, std::uint64_t bytes) {
  if (bytes > tensors_.size()) {
    return bad_tensor(head.name,
                      fmt::format("\"binary_data_size\": expected at most the {} bytes that are "
                                  "left behind the JSON, got {}",
                                  tensors_.size(), bytes));
  }
  const std::string_view taken = tensors_.substr(0, static_cast<std::size_t>(bytes));
  tensors_.remove_prefix(taken.size());
  return taken;
}

base::Result<void> Request::read_tensor(Reader& reader, ondemand::object object, AnyInput& input) {
  TRY_ASSIGN(const JsonTensor tensor, read_tensor_head(reader.json, object));
  return input.take(tensor.head, [&](auto& into) -> base::Result<void> {
    if (!tensor.binary_bytes) return read_data(reader, object, tensor, into);
    TRY_ASSIGN(const auto target, into.begin(tensor.head));
    TRY_ASSIGN(const std::string_view bytes, take_binary(tensor.head, *tensor.binary_bytes));
    return into.fill_binary(tensor.head, target, bytes);
  });
}

base::Result<void> Request::read_inputs(Reader& reader, ondemand::object& object, AnyInput& input) {
  ondemand::array inputs;
  if (const auto code = object.find_field_unordered("inputs").get_array().get(inputs)) {
    return reader.json.error(code, "\"inputs\"", "an array");
  }
  std::size_t count = 0;
  for (auto each : inputs) {
    ondemand::object tensor;
    if (const auto code = each.get_object().get(tensor)) {
      return reader.json.error(code, "\"inputs\"", "objects");
    }
    if (++count > kInputsMax) {
      return Error(Code::Invalid, fmt::format("\"inputs\": expected at most {}", kInputsMax));
    }
    TRY(read_tensor(reader, tensor, input));
  }
  TRY(input.finish());
  if (tensors_.empty()) return {};
  return Error(Code::Invalid, fmt::format("body: expected the data of the inputs alone behind the "
                                          "JSON, got {} bytes more",
                                          tensors_.size()));
}

void Request::want_all(Ask& ask) {
  for (std::size_t i = 0; i < ask.offer.unasked_outputs(); ++i) ask.outputs.push_back(i);
  binary_.resize(ask.outputs.size());
}

// The whole body is the only input's data.
base::Result<void> Request::read_raw(std::string_view body, Ask& ask) {
  TRY_ASSIGN(const TensorHead head, head_of_raw(body, ask.offer));
  want_all(ask);
  binary_by_default_ = true;
  AnyInput input(ask, body.size());
  const bool text = head.datatype == data::Datatype::Bytes;
  TRY(input.take(head, [&](auto& into) -> base::Result<void> {
    TRY_ASSIGN(const auto target, into.begin(head));
    if (!text) return into.fill_binary(head, target, body);
    return into.fill_texts(head, target, OneText{body}, {.name = "", .shape = "\"shape\""});
  }));
  return input.finish();
}

base::Result<void> Request::read(const Incoming& in, Reader& reader) {
  id_.clear();
  binary_.clear();
  binary_by_default_ = false;
  const std::uint64_t json_bytes = in.json_bytes.value_or(in.body.size());
  if (json_bytes > in.body.size()) {
    return Error(Code::Invalid, fmt::format("Inference-Header-Content-Length: expected at most the "
                                            "body's {} bytes, got {}",
                                            in.body.size(), json_bytes));
  }
  if (in.json_bytes && json_bytes == 0) return read_raw(in.body, reader.ask);
  const std::string_view json = in.body.substr(0, static_cast<std::size_t>(json_bytes));
  tensors_ = in.body.substr(json.size());
  TRY_ASSIGN(ondemand::object object, reader.json.open_object(json));
  TRY(read_head(reader, object));
  AnyInput input(reader.ask, json.size() / kElementBytesMin + tensors_.size());
  return read_inputs(reader, object, input);
}

}  // namespace contract::oip_rest
