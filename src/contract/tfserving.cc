#include "contract/tfserving.h"

#include <fmt/format.h>

#include "base/text.h"
#include "contract/json_rows.h"
#include "contract/outputs.h"
#include "contract/request_fields.h"
#include "table/answer_writer.h"

namespace contract::tfserving {
namespace {

using base::Code;
using base::Error;
namespace ondemand = simdjson::ondemand;

constexpr std::string_view kUsualSignature = "serving_default";

// What the keys beside the rows say.
struct BodyHead {
  bool has_instances = false;
  bool has_inputs = false;
  bool has_examples = false;
};

class Predict final : public Codec {
 public:
  explicit Predict(Verb verb) : verb_(verb) {}
  base::Result<void> decode(const Incoming& in, Ask& ask) override;
  base::Result<void> encode(const Ask& ask, const Answers& answers, Outgoing& out) override;

 private:
  base::Result<BodyHead> read_head(Ask& ask, ondemand::object& object) const;
  base::Result<void> read_key(Ask& ask, ondemand::field& field, BodyHead& head) const;
  base::Result<void> choose(Ask& ask) const;
  base::Result<void> read_rows(Ask& ask, ondemand::object& object, const BodyHead& head);

  const Verb verb_;
  bool by_columns_ = false;  // Answered by columns, as it was asked.
};

base::Result<void> read_signature_name(Ask& ask, ondemand::value value) {
  std::string_view name;
  if (const auto code = value.get_string().get(name)) {
    return ask.json.error(code, "\"signature_name\"", "a text");
  }
  if (name.empty() || name == kUsualSignature || ask.offer.is_match()) return {};
  return choose_output(ask, name, "\"signature_name\"");
}

base::Result<void> Predict::read_key(Ask& ask, ondemand::field& field, BodyHead& head) const {
  const auto key = field.key();
  if (key == "signature_name") return read_signature_name(ask, field.value());
  if (verb_ == Verb::Predict) {
    if (key == "instances") {
      if (head.has_instances) return repeated_key("instances");
      head.has_instances = true;
    } else if (key == "inputs") {
      if (head.has_inputs) return repeated_key("inputs");
      head.has_inputs = true;
    } else if (key == "parameters") {
      return read_json_parameters(ask, field.value(), "\"parameters\"");
    } else {
      return unknown_key(field, ask.json, {"instances", "inputs", "signature_name", "parameters"});
    }
    return {};
  }
  if (!(key == "examples")) return unknown_key(field, ask.json, {"examples", "signature_name"});
  if (head.has_examples) return repeated_key("examples");
  head.has_examples = true;
  return {};
}

base::Result<BodyHead> Predict::read_head(Ask& ask, ondemand::object& object) const {
  BodyHead head;
  for (auto each : object) {
    ondemand::field field;
    if (const auto code = std::move(each).get(field)) return ask.json.error(code, "body", "JSON");
    TRY(read_key(ask, field, head));
  }
  TRY(ask.json.close());
  if (const auto code = object.reset().error()) return ask.json.error(code, "body", "JSON");
  if (verb_ != Verb::Predict) {
    if (head.has_examples) return head;
    return Error(Code::Invalid, "body: expected a key \"examples\", got none");
  }
  if (head.has_instances != head.has_inputs) return head;
  return Error(Code::Invalid, fmt::format("body: expected \"instances\" or \"inputs\", got {}",
                                          head.has_inputs ? "both" : "none"));
}

// The output that classify and regress are about.
base::Result<void> Predict::choose(Ask& ask) const {
  if (verb_ == Verb::Predict) {
    for (std::size_t i = 0; i < ask.offer.usual_outputs(); ++i) ask.outputs.push_back(i);
    return {};
  }
  const bool classify = verb_ == Verb::Classify;
  const std::string_view wanted = classify ? "predict_proba" : "predict";
  const auto& outputs = ask.offer.outputs();
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const bool labels = outputs[i].columns != nullptr && !outputs[i].columns->classes.empty();
    if (outputs[i].name != wanted || (!classify && labels)) continue;
    ask.outputs.push_back(i);
    return {};
  }
  return Error(Code::Invalid, classify ? "classify: expected a model that has predict_proba"
                                       : "regress: expected a model that predicts numbers");
}

base::Result<void> Predict::read_rows(Ask& ask, ondemand::object& object, const BodyHead& head) {
  std::string_view key = "instances";
  if (head.has_examples) key = "examples";
  if (head.has_inputs) key = "inputs";
  by_columns_ = head.has_inputs;
  const std::string what = fmt::format("\"{}\"", key);
  ondemand::value value;
  if (const auto code = object.find_field_unordered(key).get(value)) {
    return ask.json.error(code, "body", "JSON");
  }
  ondemand::json_type type{};
  if (const auto code = value.type().get(type)) return ask.json.error(code, what, "JSON");
  if (!by_columns_ || type != ondemand::json_type::object) {
    return read_json_rows(ask, value, what);
  }
  ondemand::object columns;
  if (const auto code = value.get_object().get(columns)) {
    return ask.json.error(code, what, "an object");
  }
  return read_json_columns(ask, columns, what);
}

base::Result<void> Predict::decode(const Incoming& in, Ask& ask) {
  TRY(choose(ask));
  TRY_ASSIGN(ondemand::object object, ask.json.open_object(in.body));
  TRY_ASSIGN(const BodyHead head, read_head(ask, object));
  return read_rows(ask, object, head);
}

// [["yes", 0.9], ["no", 0.1]] for each row.
void append_classes(const Ask& ask, const Answers& answers, std::string& out) {
  const Offer::Output& output = ask.offer.outputs()[ask.outputs.front()];
  const data::Labels* labels = nullptr;
  for (const Offer::Output& each : ask.offer.outputs()) {
    if (each.name == "predict" && !each.columns->classes.empty()) {
      labels = &each.columns->classes.front();
    }
  }
  for (std::size_t i = 0; i < answers.rows; ++i) {
    out += i > 0 ? ",[" : "[";
    for (std::size_t c = 0; c < output.width; ++c) {
      out += c > 0 ? ",[" : "[";
      const bool labelled = labels != nullptr && c < data::label_count(*labels);
      table::append_json_string(labelled ? data::label_text(*labels, c) : output.columns->names[c],
                                out);
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
