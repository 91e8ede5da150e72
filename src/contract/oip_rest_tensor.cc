#include "contract/oip_rest_tensor.h"

#include <fmt/format.h>

#include "base/text.h"
#include "contract/request_fields.h"
#include "contract/tensor_json.h"
#include "table/json_numbers.h"

namespace contract::oip_rest {
namespace {

using base::Code;
using base::Error;
namespace ondemand = simdjson::ondemand;

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

}  // namespace

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

}  // namespace contract::oip_rest
