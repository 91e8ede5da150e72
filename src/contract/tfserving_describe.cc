#include <fmt/format.h>

#include "contract/offered_tensors.h"
#include "contract/tfserving.h"
#include "table/answer_writer.h"

namespace contract::tfserving {
namespace {

// TensorFlow's name of a datatype.
std::string_view dtype_of(data::Datatype type) {
  using data::Datatype;
  switch (type) {
    case Datatype::Bool: return "DT_BOOL";
    case Datatype::Uint8: return "DT_UINT8";
    case Datatype::Uint16: return "DT_UINT16";
    case Datatype::Uint32: return "DT_UINT32";
    case Datatype::Uint64: return "DT_UINT64";
    case Datatype::Int8: return "DT_INT8";
    case Datatype::Int16: return "DT_INT16";
    case Datatype::Int32: return "DT_INT32";
    case Datatype::Int64: return "DT_INT64";
    case Datatype::Fp16: return "DT_HALF";
    case Datatype::Bf16: return "DT_BFLOAT16";
    case Datatype::Fp32: return "DT_FLOAT";
    case Datatype::Fp64: return "DT_DOUBLE";
    case Datatype::Bytes: break;
  }
  return "DT_STRING";
}

// "age":{"dtype":"DT_DOUBLE","tensor_shape":{"dim":[{"size":"-1","name":""}],...},"name":"age"}
void append_tensor(const OfferedTensor& tensor, bool first, std::string& out) {
  if (!first) out += ',';
  table::append_json_string(tensor.name, out);
  fmt::format_to(std::back_inserter(out), R"(:{{"dtype":"{}","tensor_shape":{{"dim":[)",
                 dtype_of(tensor.datatype));
  for (std::size_t i = 0; i < tensor.shape.size() && !tensor.any_rank; ++i) {
    fmt::format_to(std::back_inserter(out), R"({}{{"size":"{}","name":""}})", i > 0 ? "," : "",
                   tensor.shape[i]);
  }
  fmt::format_to(std::back_inserter(out), R"(],"unknown_rank":{}}},"name":)", tensor.any_rank);
  table::append_json_string(tensor.name, out);
  out += '}';
}

}  // namespace

void encode_status(std::string_view model, std::string_view version, bool ready, std::string& out) {
  out += "{\"name\":";
  table::append_json_string(model, out);
  fmt::format_to(std::back_inserter(out), R"(,"ready":{},"model_version_status":[{{"version":)",
                 ready);
  table::append_json_string(version, out);
  fmt::format_to(std::back_inserter(out),
                 R"(,"state":"{}","status":{{"error_code":"OK","error_message":""}}}}]}})",
                 ready ? "AVAILABLE" : "UNLOADING");
}

void encode_metadata(std::string_view model, std::string_view version, const Offer& offer,
                     std::string& out) {
  out += "{\"model_spec\":{\"name\":";
  table::append_json_string(model, out);
  out += ",\"signature_name\":\"\",\"version\":";
  table::append_json_string(version, out);
  out += "},\"metadata\":{\"signature_def\":{\"signature_def\":{\"serving_default\":{\"inputs\":{";
  bool first = true;
  for (const OfferedTensor& input : offered_inputs(offer)) {
    append_tensor(input, first, out);
    first = false;
  }
  out += "},\"outputs\":{";
  const std::vector<OfferedTensor> outputs = offered_outputs(offer);
  for (std::size_t i = 0; i < offer.usual_outputs(); ++i) append_tensor(outputs[i], i == 0, out);
  out += "},\"method_name\":\"tensorflow/serving/predict\"}}}}}";
}

}  // namespace contract::tfserving
