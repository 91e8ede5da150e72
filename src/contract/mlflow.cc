#include "contract/mlflow.h"

#include <optional>

#include <fmt/format.h>

#include "contract/json_rows.h"
#include "contract/outputs.h"
#include "contract/request_fields.h"
#include "contract/tables.h"
#include "contract/tensor_json.h"
#include "table/answer_writer.h"

namespace contract::mlflow {
namespace {

using base::Code;
using base::Error;
namespace ondemand = simdjson::ondemand;

constexpr std::string_view kForms[] = {"dataframe_split", "dataframe_records", "instances",
                                       "inputs"};

class Invocations final : public Codec {
 public:
  base::Result<void> decode(const Incoming& in, Reader& reader) override;
  base::Result<void> encode(const Ask& ask, const Answers& answers, Outgoing& out) override;

 private:
  std::string_view accept_;
};

// Which of the forms the rows come in; the parameters are read on the way.
base::Result<std::string_view> find_form(Reader& reader, ondemand::object& object) {
  std::string_view form;
  const auto read_one = [&](ondemand::field& field) -> base::Result<void> {
    const auto key = field.key();
    bool known = false;
    for (const std::string_view name : kForms) {
      if (!(key == name)) continue;
      known = true;
      if (!form.empty()) {
        return Error(Code::Invalid, fmt::format("body: expected one of \"{}\", got two",
                                                fmt::join(kForms, "\", \"")));
      }
      form = name;
    }
    if (known) return {};
    if (!(key == "params")) {
      return unknown_key(field, reader.json,
                         {"dataframe_split", "dataframe_records", "instances", "inputs", "params"});
    }
    return read_json_parameters(reader, field.value(), "\"params\"");
  };
  TRY(for_each_field(reader.json, object, "body", read_one));
  TRY(reader.json.close());
  if (const auto code = object.reset().error()) return reader.json.error(code, "body", "JSON");
  if (!form.empty()) return form;
  return Error(Code::Invalid,
               fmt::format("body: expected one of \"{}\", got none", fmt::join(kForms, "\", \"")));
}

base::Result<void> read_tensors(Reader& reader, std::string_view form, ondemand::value value) {
  if (form == "inputs") return read_json_tensors(reader, value, "\"inputs\"");
  if (form == "instances") return read_json_instances(reader, value, "\"instances\"");
  return Error(
      Code::Invalid,
      fmt::format("body: expected \"inputs\" or \"instances\", as the model takes tensors, "
                  "got \"{}\"",
                  form));
}

base::Result<void> read_form(Reader& reader, std::string_view form, ondemand::value value) {
  if (reader.ask.offer.is_tensors()) return read_tensors(reader, form, value);
  const std::string what = fmt::format("\"{}\"", form);
  ondemand::json_type type{};
  if (const auto code = value.type().get(type)) return reader.json.error(code, what, "JSON");
  const bool is_object = type == ondemand::json_type::object;
  if (form == "dataframe_split" || (form == "inputs" && is_object)) {
    ondemand::object object;
    if (const auto code = value.get_object().get(object)) {
      return reader.json.error(code, what, "an object");
    }
    return form == "inputs" ? read_json_columns(reader, object, what)
                            : read_json_split(reader, object, what);
  }
  return read_json_rows(reader, value, what);
}

base::Result<void> Invocations::decode(const Incoming& in, Reader& reader) {
  accept_ = in.accept;
  reader.ask.want_usual_outputs();
  // As MLflow does by a model's signature. What the model reads has to be there all the same.
  reader.rows.drop_unknown(true);
  TRY_ASSIGN(const bool read, read_table(in, reader));
  if (read) return {};
  TRY_ASSIGN(ondemand::object object, reader.json.open_object(in.body));
  TRY_ASSIGN(const std::string_view form, find_form(reader, object));
  ondemand::value value;
  if (const auto code = object.find_field_unordered(form).get(value)) {
    return reader.json.error(code, "body", "JSON");
  }
  return read_form(reader, form, value);
}

base::Result<void> Invocations::encode(const Ask& ask, const Answers& answers, Outgoing& out) {
  // Containers of SageMaker answer without names: what comes of many requests is put together.
  if (write_table(accept_, false, ask, answers, out)) return {};
  out.body += "{\"predictions\":";
  if (ask.offer.is_tensors()) {
    append_json_columns(ask, answers, out.body);
  } else {
    append_json_rows(ask, answers, out.body);
  }
  out.body += '}';
  return {};
}

// MLflow's words for a status.
std::string_view error_code(int status) {
  switch (status) {
    case 401: return "UNAUTHENTICATED";
    case 403: return "PERMISSION_DENIED";
    case 404: return "RESOURCE_DOES_NOT_EXIST";
    case 429: return "REQUEST_LIMIT_EXCEEDED";
    case 503: return "TEMPORARILY_UNAVAILABLE";
    default: return status < 500 ? "BAD_REQUEST" : "INTERNAL_ERROR";
  }
}

}  // namespace

std::unique_ptr<Codec> make_codec() { return std::make_unique<Invocations>(); }

void encode_error(int status, std::string_view message, std::string& out) {
  fmt::format_to(std::back_inserter(out), R"({{"error_code":"{}","message":)", error_code(status));
  table::append_json_string(message, out);
  out += '}';
}

}  // namespace contract::mlflow
