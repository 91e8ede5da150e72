#include "contract/tfserving.h"

#include <fmt/format.h>

#include "base/text.h"
#include "contract/json_rows.h"
#include "contract/outputs.h"
#include "contract/request_fields.h"
#include "contract/tensor_answers.h"
#include "contract/tensor_json.h"
#include "contract/tfserving_verbs.h"
#include "table/answer_writer.h"

namespace contract::tfserving {
namespace {

using base::Code;
using base::Error;
namespace ondemand = simdjson::ondemand;

// What the keys beside the rows say.
struct BodyHead {
  bool has_instances = false;
  bool has_inputs = false;
  bool has_examples = false;
};

class Predict final : public Codec {
 public:
  explicit Predict(Verb verb) : verb_(verb) {}
  base::Result<void> decode(const Incoming& in, Reader& reader) override;
  base::Result<void> encode(const Ask& ask, const Answers& answers, Outgoing& out) override;

 private:
  base::Result<BodyHead> read_head(Reader& reader, ondemand::object& object) const;
  base::Result<void> read_key(Reader& reader, ondemand::field& field, BodyHead& head) const;
  base::Result<void> choose(Reader& reader) const;
  base::Result<void> read_rows(Reader& reader, ondemand::object& object, const BodyHead& head);

  const Verb verb_;
  bool by_columns_ = false;  // Answered by columns, as it was asked.
};

base::Result<std::string_view> read_signature_name(Reader& reader, ondemand::value value) {
  std::string_view name;
  if (const auto code = value.get_string().get(name)) {
    return reader.json.error(code, "\"signature_name\"", "a text");
  }
  return name;
}

base::Result<void> Predict::read_key(Reader& reader, ondemand::field& field, BodyHead& head) const {
  const auto key = field.key();
  if (key == "signature_name") {
    TRY_ASSIGN(const std::string_view name, read_signature_name(reader, field.value()));
    return verb_ == Verb::Predict
               ? choose_signature(reader.ask, name)
               : check_signature(name, reader.ask.offer.outputs()[reader.ask.outputs.front()]);
  }
  if (verb_ == Verb::Predict) {
    if (key == "instances") {
      if (head.has_instances) return repeated_key("instances");
      head.has_instances = true;
    } else if (key == "inputs") {
      if (head.has_inputs) return repeated_key("inputs");
      head.has_inputs = true;
    } else if (key == "parameters") {
      return read_json_parameters(reader, field.value(), "\"parameters\"");
    } else {
      return unknown_key(field, reader.json,
                         {"instances", "inputs", "signature_name", "parameters"});
    }
    return {};
  }
  if (!(key == "examples")) return unknown_key(field, reader.json, {"examples", "signature_name"});
  if (head.has_examples) return repeated_key("examples");
  head.has_examples = true;
  return {};
}

base::Result<BodyHead> Predict::read_head(Reader& reader, ondemand::object& object) const {
  BodyHead head;
  TRY(for_each_field(reader.json, object, "body",
                     [&](ondemand::field& field) { return read_key(reader, field, head); }));
  TRY(reader.json.close());
  if (const auto code = object.reset().error()) return reader.json.error(code, "body", "JSON");
  if (verb_ != Verb::Predict) {
    if (head.has_examples) return head;
    return Error(Code::Invalid, "body: expected a key \"examples\", got none");
  }
  if (head.has_instances != head.has_inputs) return head;
  return Error(Code::Invalid, fmt::format("body: expected \"instances\" or \"inputs\", got {}",
                                          head.has_inputs ? "both" : "none"));
}

// The output that classify and regress are about.
base::Result<void> Predict::choose(Reader& reader) const {
  if (verb_ == Verb::Predict) {
    reader.ask.want_usual_outputs();
    return {};
  }
  TRY_ASSIGN(const std::size_t output, find_output(verb_, reader.ask.offer));
  reader.ask.outputs.push_back(output);
  return {};
}

base::Result<void> Predict::read_rows(Reader& reader, ondemand::object& object,
                                      const BodyHead& head) {
  std::string_view key = "instances";
  if (head.has_examples) key = "examples";
  if (head.has_inputs) key = "inputs";
  by_columns_ = head.has_inputs;
  const std::string what = fmt::format("\"{}\"", key);
  ondemand::value value;
  if (const auto code = object.find_field_unordered(key).get(value)) {
    return reader.json.error(code, "body", "JSON");
  }
  ondemand::json_type type{};
  if (const auto code = value.type().get(type)) return reader.json.error(code, what, "JSON");
  if (reader.ask.offer.is_tensors()) {
    return by_columns_ ? read_json_tensors(reader, value, what)
                       : read_json_instances(reader, value, what);
  }
  if (!by_columns_ || type != ondemand::json_type::object) {
    return read_json_rows(reader, value, what);
  }
  ondemand::object columns;
  if (const auto code = value.get_object().get(columns)) {
    return reader.json.error(code, what, "an object");
  }
  return read_json_columns(reader, columns, what);
}

base::Result<void> Predict::decode(const Incoming& in, Reader& reader) {
  if (verb_ != Verb::Predict) TRY(check_no_method(in));
  TRY(choose(reader));
  TRY_ASSIGN(ondemand::object object, reader.json.open_object(in.body));
  TRY_ASSIGN(const BodyHead head, read_head(reader, object));
  return read_rows(reader, object, head);
}

// [["yes", 0.9], ["no", 0.1]] for each row.
void append_classes(const Ask& ask, const Answers& answers, std::string& out) {
  const Offer::Output& output = ask.offer.outputs()[ask.outputs.front()];
  for (std::size_t i = 0; i < answers.rows; ++i) {
    out += i > 0 ? ",[" : "[";
    for (std::size_t c = 0; c < output.width; ++c) {
      out += c > 0 ? ",[" : "[";
      table::append_json_string(class_label(ask.offer, output, c), out);
      out += ',';
      table::append_json_number(answers.buffers.front()->dense.row(i)[c], out);
      out += ']';
    }
    out += ']';
  }
}

base::Result<void> Predict::encode(const Ask& ask, const Answers& answers, Outgoing& out) {
  if (verb_ == Verb::Predict) {
    out.body += by_columns_ ? "{\"outputs\":" : "{\"predictions\":";
    if (by_columns_) {
      append_json_columns(ask, answers, out.body);
    } else {
      if (ask.outputs.size() > 1) TRY(check_rows(ask, answers));
      append_json_rows(ask, answers, out.body);
    }
    out.body += '}';
    return {};
  }
  out.body += "{\"results\":[";
  if (verb_ == Verb::Classify) {
    append_classes(ask, answers, out.body);
  } else {
    append_json_cells(ask, answers, 0, out.body);
  }
  out.body += "]}";
  return {};
}

}  // namespace

std::unique_ptr<Codec> make_codec(Verb verb) { return std::make_unique<Predict>(verb); }

}  // namespace contract::tfserving
