#include "contract/oip_repository.h"

#include <optional>

#include <fmt/format.h>
#include <inference.pb.h>

#include "base/text.h"
#include "contract/json_body.h"
#include "contract/protobuf.h"
#include "model/recipe.h"
#include "table/answer_writer.h"

namespace contract::oip_repository {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::string_view kVersion = "version";
constexpr std::string_view kAlias = "alias";

// The parameters of a load, in whichever form they came.
struct LoadParameters {
  std::optional<std::string> version;
  std::optional<std::string> alias;
};

Error unknown_parameter(std::string_view name) {
  if (name == "config" || name.starts_with("file:")) {
    return {Code::Invalid,
            fmt::format("parameter {}: a model is taken from the workspace, never from a request",
                        base::quote(name))};
  }
  return {Code::Invalid,
          fmt::format("parameter {}: expected \"version\" or \"alias\"", base::quote(name))};
}

Result<model::Reference> reference_of(std::string_view name, const LoadParameters& parameters) {
  TRY(model::check_name(name));
  if (parameters.version && parameters.alias) {
    return Error(Code::Invalid, "parameters: expected \"version\" or \"alias\", got both");
  }
  std::string text(name);
  if (parameters.version) text += ":" + *parameters.version;
  if (parameters.alias) text += "@" + *parameters.alias;
  TRY_ASSIGN(model::Reference reference, model::Reference::parse(text));
  // "3@champion" would be another name.
  if (reference.name == name) return reference;
  return Error(Code::Invalid, fmt::format("model {}: expected a name", base::quote(text)));
}

// A number, or the same as a text.
Result<std::string> read_version(JsonBody& json, simdjson::ondemand::value value) {
  simdjson::ondemand::json_type type{};
  if (const auto code = value.type().get(type)) {
    return json.error(code, "parameter \"version\"", "a number");
  }
  if (type == simdjson::ondemand::json_type::number) {
    std::int64_t number = 0;
    if (const auto code = value.get_int64().get(number)) {
      return json.error(code, "parameter \"version\"", "a number");
    }
    return std::to_string(number);
  }
  std::string_view text;
  if (const auto code = value.get_string().get(text)) {
    return json.error(code, "parameter \"version\"", "a number");
  }
  return std::string(text);
}

Result<LoadParameters> read_parameters(JsonBody& json, simdjson::ondemand::object object) {
  LoadParameters parameters;
  for (auto field : object) {
    std::string_view name;
    simdjson::ondemand::value value;
    if (const auto code = field.unescaped_key().get(name)) {
      return json.error(code, "\"parameters\"", "an object");
    }
    if (const auto code = field.value().get(value)) {
      return json.error(code, "\"parameters\"", "an object");
    }
    if (name == kVersion) {
      TRY_ASSIGN(parameters.version, read_version(json, value));
    } else if (name == kAlias) {
      std::string_view text;
      if (const auto code = value.get_string().get(text)) {
        return json.error(code, "parameter \"alias\"", "a text");
      }
      parameters.alias = std::string(text);
    } else {
      return unknown_parameter(name);
    }
  }
  return parameters;
}

// Messages of our own making are small and whole: writing them does not fail.
void append_answer(const google::protobuf::MessageLite& message, std::string& out) {
  static_cast<void>(append_message(message, out).ok());
}

std::string_view state_name(Entry::State state) {
  switch (state) {
    case Entry::State::Ready: return "READY";
    case Entry::State::Loading: return "LOADING";
    case Entry::State::Unavailable: break;
  }
  return "UNAVAILABLE";
}

}  // namespace

Result<model::Reference> decode_load(std::string_view name, std::string_view body) {
  if (body.empty()) return reference_of(name, {});
  JsonBody json;
  TRY_ASSIGN(simdjson::ondemand::object object, json.open_object(body));
  LoadParameters parameters;
  auto found = object.find_field_unordered("parameters");
  if (found.error() == simdjson::NO_SUCH_FIELD) return reference_of(name, {});
  simdjson::ondemand::object inner;
  if (const auto code = found.get_object().get(inner)) {
    return json.error(code, "\"parameters\"", "an object");
  }
  TRY_ASSIGN(parameters, read_parameters(json, inner));
  return reference_of(name, parameters);
}

Result<model::Reference> decode_load_call(std::string_view name, std::string_view request) {
  inference::RepositoryModelLoadRequest message;
  TRY(parse_message(request, message));
  LoadParameters parameters;
  for (const auto& [key, value] : message.parameters()) {
    if (key == kVersion && value.has_int64_param()) {
      parameters.version = std::to_string(value.int64_param());
    } else if (key == kVersion && value.has_string_param()) {
      parameters.version = value.string_param();
    } else if (key == kAlias && value.has_string_param()) {
      parameters.alias = value.string_param();
    } else if (key == kVersion || key == kAlias) {
      return Error(Code::Invalid,
                   fmt::format("parameter \"{}\": expected a text, got another type", key));
    } else {
      return unknown_parameter(key);
    }
  }
  return reference_of(name, parameters);
}

std::string_view find_model_name(std::string_view request) {
  const std::string_view name = find_field(request, 2).value_or("");
  return name.empty() ? find_field(request, 1).value_or("") : name;
}

void encode_done(Done done, std::string_view model, std::string_view version, std::string& out) {
  out += "{\"name\":";
  table::append_json_string(model, out);
  out += ",\"version\":";
  table::append_json_string(version, out);
  out += done == Done::Loaded ? ",\"load\":true}" : ",\"unload\":true}";
}

void encode_done_call(Done done, std::string_view model, std::string& out) {
  if (done == Done::Loaded) {
    inference::RepositoryModelLoadResponse response;
    response.set_model_name(std::string(model));
    response.set_isloaded(true);
    return append_answer(response, out);
  }
  inference::RepositoryModelUnloadResponse response;
  response.set_model_name(std::string(model));
  response.set_isunloaded(true);
  append_answer(response, out);
}

void encode_index(std::span<const Entry> entries, std::string& out) {
  out += '[';
  for (std::size_t i = 0; i < entries.size(); ++i) {
    out += i > 0 ? ",{\"name\":" : "{\"name\":";
    table::append_json_string(entries[i].model, out);
    out += ",\"version\":";
    table::append_json_string(entries[i].version, out);
    fmt::format_to(std::back_inserter(out), R"(,"state":"{}","reason":)",
                   state_name(entries[i].state));
    table::append_json_string(entries[i].reason, out);
    out += '}';
  }
  out += ']';
}

void encode_index_call(std::span<const Entry> entries, std::string& out) {
  inference::RepositoryIndexResponse response;
  for (const Entry& from : entries) {
    auto& model = *response.add_models();
    model.set_name(from.model);
    model.set_version(from.version);
    model.set_state(std::string(state_name(from.state)));
    model.set_reason(from.reason);
  }
  append_answer(response, out);
}

Result<bool> decode_index(std::string_view body) {
  if (body.empty()) return false;
  JsonBody json;
  TRY_ASSIGN(simdjson::ondemand::object object, json.open_object(body));
  bool ready = false;
  auto found = object.find_field_unordered("ready");
  if (found.error() == simdjson::NO_SUCH_FIELD) return false;
  if (const auto code = found.get_bool().get(ready)) {
    return json.error(code, "\"ready\"", "true or false");
  }
  return ready;
}

Result<bool> decode_index_call(std::string_view request) {
  inference::RepositoryIndexRequest message;
  TRY(parse_message(request, message));
  return message.ready();
}

}  // namespace contract::oip_repository
