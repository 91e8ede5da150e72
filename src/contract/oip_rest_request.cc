#include "contract/oip_rest_request.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "contract/oip_rest_tensor.h"
#include "contract/raw_tensor.h"
#include "contract/request_fields.h"

namespace contract::oip_rest {
namespace {

using base::Code;
using base::Error;
namespace ondemand = simdjson::ondemand;

constexpr std::size_t kInputsMax = 10'000;
// The fewest bytes that an element takes in JSON, "0,", and in binary.
constexpr std::size_t kElementBytesMin = 2;

// A body that is a text, as a list of one, such as messages have.
struct OneText {
  std::string_view text;
  static int size() { return 1; }
  std::string_view Get(int /*at*/) const { return text; }  // NOLINT(readability-identifier-naming)
};

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
