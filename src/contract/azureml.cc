#include "contract/azureml.h"

#include <fmt/format.h>

#include "base/text.h"
#include "contract/json_rows.h"
#include "contract/media_type.h"
#include "contract/outputs.h"
#include "contract/pictures.h"
#include "contract/request_fields.h"
#include "contract/tables.h"
#include "contract/tensor_json.h"
#include "table/answer_writer.h"

namespace contract::azureml {
namespace {

using base::Code;
using base::Error;
namespace ondemand = simdjson::ondemand;

// The parts of a request for rows that say how to read the others.
struct RowsHead {
  bool has_columns = false;
  bool has_data = false;
  bool has_input_data = false;
};

class Score final : public Codec {
 public:
  base::Result<void> decode(const Incoming& in, Reader& reader) override;
  base::Result<void> encode(const Ask& ask, const Answers& answers, Outgoing& out) override;

 private:
  void end_pictures(Ask& ask) {
    one_query_ = pictures_.empty();
    // A table has no place for errors.
    if (accepted_type(accept_) != MediaType::Json) ask.row_by_row = false;
  }

  std::string_view accept_;
  bool one_query_ = false;  // Answered by its list alone, not by a list of lists.
  PictureNames pictures_;   // Answered by an object of them, where there are any.
};

base::Result<void> read_query(Reader& reader, ondemand::object& object) {
  const std::size_t row = reader.ask.frame.add_row();
  bool has_input = false;
  const auto read_one = [&](ondemand::field& field) -> base::Result<void> {
    const auto key = field.key();
    if (key == "input") {
      if (has_input) return repeated_key("input");
      std::string_view input;
      if (const auto code = field.value().get_string().get(input)) {
        return reader.json.error(code, "\"input\"", "a text");
      }
      reader.ask.frame.set_text(row, 0, input);
      has_input = true;
    } else if (key == "top_k") {
      TRY_ASSIGN(reader.ask.top_k, read_top_k(field.value()));
    } else {
      return unknown_key(field, reader.json, {"input", "top_k"});
    }
    return {};
  };
  TRY(for_each_field(reader.json, object, "body", read_one));
  TRY(reader.json.close());
  if (!has_input) return Error(Code::Invalid, "body: expected a key \"input\", got none");
  return {};
}

base::Result<RowsHead> read_rows_head(Reader& reader, ondemand::object& object) {
  RowsHead head;
  const auto read_one = [&](ondemand::field& field) -> base::Result<void> {
    const auto key = field.key();
    if (key == "data") {
      if (head.has_data) return repeated_key("data");
      head.has_data = true;
    } else if (key == "columns") {
      TRY(read_json_names(reader, field.value()));
      head.has_columns = true;
    } else if (key == "method") {
      TRY(read_json_method(reader, field.value(), "\"method\""));
    } else if (key == "input_data") {
      if (head.has_input_data) return repeated_key("input_data");
      head.has_input_data = true;
    } else if (key == "params") {
      TRY(read_json_parameters(reader, field.value(), "\"params\""));
    } else {
      return unknown_key(field, reader.json, {"data", "columns", "method", "input_data", "params"});
    }
    return {};
  };
  TRY(for_each_field(reader.json, object, "body", read_one));
  TRY(reader.json.close());
  if (head.has_data != head.has_input_data) return head;
  return Error(Code::Invalid, head.has_data ? "body: expected \"data\" or \"input_data\", got both"
                                            : "body: expected a key \"data\", got none");
}

base::Result<void> read_input_data(Reader& reader, ondemand::value value) {
  // A frame of MLflow's, whose servers do so.
  reader.rows.drop_unknown(true);
  ondemand::json_type type{};
  if (const auto code = value.type().get(type)) {
    return reader.json.error(code, "\"input_data\"", "JSON");
  }
  if (type != ondemand::json_type::object) return read_json_rows(reader, value, "\"input_data\"");
  ondemand::object split;
  if (const auto code = value.get_object().get(split)) {
    return reader.json.error(code, "\"input_data\"", "JSON");
  }
  return read_json_split(reader, split, "\"input_data\"");
}

// What says how to read the rows may stand behind them, so they are read last.
base::Result<void> read_rows(Reader& reader, ondemand::object& object) {
  TRY_ASSIGN(const RowsHead head, read_rows_head(reader, object));
  if (const auto code = object.reset().error()) return reader.json.error(code, "body", "JSON");
  const std::string_view key = head.has_data ? "data" : "input_data";
  ondemand::value rows;
  if (const auto code = object.find_field_unordered(key).get(rows)) {
    return reader.json.error(code, "body", "JSON");
  }
  if (head.has_input_data) return read_input_data(reader, rows);
  return head.has_columns ? read_json_positions(reader, rows, "\"data\"")
                          : read_json_rows(reader, rows, "\"data\"");
}

// The key that the tensors stand under; the parameters are read on the way.
base::Result<std::string_view> find_tensors(Reader& reader, ondemand::object& object) {
  constexpr std::string_view kKeys[] = {"inputs", "input_data", "data"};
  std::string_view found;
  const auto read_one = [&](ondemand::field& field) -> base::Result<void> {
    const auto key = field.key();
    for (const std::string_view each : kKeys) {
      if (!(key == each)) continue;
      if (found == each) return repeated_key(each);
      if (!found.empty()) {
        return Error(Code::Invalid, fmt::format("body: expected one of \"{}\", got two",
                                                fmt::join(kKeys, "\", \"")));
      }
      found = each;
      return {};
    }
    if (key == "params") return read_json_parameters(reader, field.value(), "\"params\"");
    if (key == "method") return read_json_method(reader, field.value(), "\"method\"");
    return unknown_key(field, reader.json, {"inputs", "input_data", "data", "params", "method"});
  };
  TRY(for_each_field(reader.json, object, "body", read_one));
  TRY(reader.json.close());
  if (!found.empty()) return found;
  return Error(Code::Invalid, "body: expected a key \"inputs\", got none");
}

base::Result<void> read_tensors(Reader& reader, ondemand::object& object) {
  TRY_ASSIGN(const std::string_view key, find_tensors(reader, object));
  if (const auto code = object.reset().error()) return reader.json.error(code, "body", "JSON");
  ondemand::value value;
  if (const auto code = object.find_field_unordered(key).get(value)) {
    return reader.json.error(code, "body", "JSON");
  }
  return read_json_tensors(reader, value, fmt::format("\"{}\"", key));
}

base::Result<void> Score::decode(const Incoming& in, Reader& reader) {
  accept_ = in.accept;
  one_query_ = false;
  pictures_.clear();
  reader.ask.want_usual_outputs();
  if (reader.ask.offer.is_image()) {
    TRY_ASSIGN(const bool pictures, read_pictures(in, reader, pictures_));
    if (pictures) {
      end_pictures(reader.ask);
      return {};
    }
  }
  TRY_ASSIGN(const bool read, read_table(in, reader));
  if (read) return {};
  TRY_ASSIGN(ondemand::object object, reader.json.open_object(in.body));
  if (reader.ask.offer.is_image()) {
    TRY(read_json_pictures(reader, object, pictures_));
    end_pictures(reader.ask);
    return {};
  }
  if (reader.ask.offer.is_tensors()) return read_tensors(reader, object);
  if (!reader.ask.offer.is_ranked()) return read_rows(reader, object);
  one_query_ = true;
  return read_query(reader, object);
}

base::Result<void> Score::encode(const Ask& ask, const Answers& answers, Outgoing& out) {
  if (write_table(accept_, true, ask, answers, out)) return {};
  if (ask.offer.is_tensors()) {
    append_json_columns(ask, answers, out.body);
    return {};
  }
  if (!ask.offer.is_ranked()) {
    append_json_rows(ask, answers, out.body);
    return {};
  }
  if (!pictures_.empty()) {
    append_pictures(ask, answers, pictures_, out.body);
    return {};
  }
  if (!one_query_) out.body += '[';
  for (std::size_t i = 0; i < answers.rows; ++i) {
    if (i > 0) out.body += ',';
    append_ranked_row(ask, answers, i, out.body);
  }
  if (!one_query_) out.body += ']';
  return {};
}

}  // namespace

std::unique_ptr<Codec> make_codec() { return std::make_unique<Score>(); }

void encode_error(std::string_view message, std::string& out) {
  out += "{\"message\":";
  table::append_json_string(message, out);
  out += '}';
}

}  // namespace contract::azureml
