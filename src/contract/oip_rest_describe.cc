#include <fmt/format.h>

#include "contract/offered_tensors.h"
#include "contract/oip_rest.h"
#include "table/answer_writer.h"

namespace contract::oip_rest {
namespace {

void append_metadata_tensor(const OfferedTensor& tensor, bool first, std::string& out) {
  if (!first) out += ',';
  out += "{\"name\":";
  table::append_json_string(tensor.name, out);
  fmt::format_to(std::back_inserter(out), R"(,"datatype":"{}","shape":[{}]}})",
                 data::datatype_name(tensor.datatype), fmt::join(tensor.shape, ","));
}

// Triton's name of a datatype: "TYPE_STRING" of BYTES.
std::string type_name(data::Datatype datatype) {
  if (datatype == data::Datatype::Bytes) return "TYPE_STRING";
  return fmt::format("TYPE_{}", data::datatype_name(datatype));
}

void append_config_tensor(const OfferedTensor& tensor, bool first, std::string& out) {
  if (!first) out += ',';
  out += "{\"name\":";
  table::append_json_string(tensor.name, out);
  fmt::format_to(std::back_inserter(out), R"(,"data_type":"{}","dims":[{}])",
                 type_name(tensor.datatype), fmt::join(tensor.shape, ","));
}

}  // namespace

void encode_server_metadata(std::string_view version, std::string& out) {
  fmt::format_to(std::back_inserter(out),
                 R"({{"name":"sooth","version":"{}","extensions":["binary_tensor_data",)"
                 R"("model_configuration","model_repository","statistics"]}})",
                 version);
}

void encode_model_metadata(std::string_view model, std::string_view version, const Offer& offer,
                           std::string& out) {
  out += "{\"name\":";
  table::append_json_string(model, out);
  out += ",\"versions\":[";
  table::append_json_string(version, out);
  out += R"(],"platform":")";
  out += offer.platform();
  out += R"(","inputs":[)";
  bool first = true;
  for (const OfferedTensor& input : offered_inputs(offer)) {
    append_metadata_tensor(input, first, out);
    first = false;
  }
  out += "],\"outputs\":[";
  first = true;
  for (const OfferedTensor& output : offered_outputs(offer)) {
    append_metadata_tensor(output, first, out);
    first = false;
  }
  out += "]}";
}

void encode_model_config(std::string_view model, const Offer& offer, std::string& out) {
  out += "{\"name\":";
  table::append_json_string(model, out);
  out += R"(,"platform":")";
  out += offer.platform();
  out += R"(","backend":"sooth","max_batch_size":0,"input":[)";
  bool first = true;
  for (const OfferedTensor& input : offered_inputs(offer)) {
    append_config_tensor(input, first, out);
    fmt::format_to(std::back_inserter(out), R"(,"optional":{}}})", input.optional);
    first = false;
  }
  out += "],\"output\":[";
  first = true;
  for (const OfferedTensor& output : offered_outputs(offer)) {
    append_config_tensor(output, first, out);
    out += '}';
    first = false;
  }
  out += "]}";
}

void encode_statistics(std::span<const Statistics> models, std::string& out) {
  out += "{\"model_stats\":[";
  const auto append = [&](std::string_view name, const Statistics::Sum& sum, bool last = false) {
    fmt::format_to(std::back_inserter(out), R"("{}":{{"count":{},"ns":{}}}{})", name, sum.count,
                   sum.ns, last ? "" : ",");
  };
  for (std::size_t i = 0; i < models.size(); ++i) {
    const Statistics& model = models[i];
    out += i > 0 ? ",{\"name\":" : "{\"name\":";
    table::append_json_string(model.model, out);
    out += ",\"version\":";
    table::append_json_string(model.version, out);
    fmt::format_to(std::back_inserter(out),
                   R"(,"last_inference":{},"inference_count":{},"execution_count":{},)"
                   R"("inference_stats":{{)",
                   model.last_ms, model.rows, model.success.count);
    append("success", model.success);
    append("fail", model.fail);
    append("queue", model.queue);
    append("compute_input", model.decode);
    append("compute_infer", model.compute);
    append("compute_output", model.encode);
    append("cache_hit", {});
    append("cache_miss", {}, true);
    out += "},\"batch_stats\":[]}";
  }
  out += "]}";
}

void encode_error(std::string_view message, std::string& out) {
  out += "{\"error\":";
  table::append_json_string(message, out);
  out += '}';
}

}  // namespace contract::oip_rest
