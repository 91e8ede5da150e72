#include <fmt/format.h>

#include "contract/tfserving.h"
#include "table/answer_writer.h"

namespace contract::tfserving {
namespace {

// TensorFlow's name of a datatype.
std::string_view dtype_of(data::Datatype type) {
  switch (type) {
    case data::Datatype::Bool: return "DT_BOOL";
    case data::Datatype::Int64: return "DT_INT64";
    case data::Datatype::Bytes: return "DT_STRING";
    default: return "DT_DOUBLE";
  }
}

// "age":{"dtype":"DT_DOUBLE","tensor_shape":{"dim":[{"size":"-1","name":""}],...},"name":"age"}
void append_tensor(std::string_view name, data::Datatype type, std::string_view second, bool first,
                   std::string& out) {
  if (!first) out += ',';
  table::append_json_string(name, out);
  fmt::format_to(std::back_inserter(out),
                 R"(:{{"dtype":"{}","tensor_shape":{{"dim":[{{"size":"-1","name":""}}{}],)"
                 R"("unknown_rank":false}},"name":)",
                 dtype_of(type), second);
  table::append_json_string(name, out);
  out += '}';
}

std::string second_dimension(const Offer::Output& output) {
  if (output.shape == Offer::Shape::Vector) return {};
  const std::string size =
      output.shape == Offer::Shape::Ranked ? "-1" : std::to_string(output.width);
  return fmt::format(R"(,{{"size":"{}","name":""}})", size);
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
  for (const data::Column& column : offer.inputs().columns) {
    const bool text = column.type == data::ColumnType::Text;
    append_tensor(column.name, text ? data::Datatype::Bytes : data::Datatype::Fp64, "", first, out);
    first = false;
  }
  out += "},\"outputs\":{";
  for (std::size_t i = 0; i < offer.usual_outputs(); ++i) {
    const Offer::Output& output = offer.outputs()[i];
    append_tensor(output.name, output.datatype, second_dimension(output), i == 0, out);
  }
  out += "},\"method_name\":\"tensorflow/serving/predict\"}}}}}";
}

}  // namespace contract::tfserving
