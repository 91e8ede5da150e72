#include "contract/openapi_schemas.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace contract::openapi_schemas {

Json reference(std::string_view name) {
  return {{"$ref", fmt::format("#/components/schemas/{}", name)}};
}

Json array_of(Json items) { return {{"type", "array"}, {"items", std::move(items)}}; }

// A text that is not blank.
namespace {

Json question_schema(const Offer& offer) {
  if (offer.is_image()) {
    return {
        {"type", "string"}, {"contentEncoding", "base64"}, {"description", "A JPEG, PNG or WebP."}};
  }
  return {{"type", "string"}, {"pattern", "[^ \\t\\r\\n]"}};
}

// A dictionary or list of names and values.
Json json_schema(data::Json json) {
  const Json value = {{"type", {"number", "boolean", "string"}}};
  switch (json) {
    case data::Json::Object: return {{"type", "object"}, {"additionalProperties", value}};
    case data::Json::Strings: return array_of({{"type", "string"}});
    case data::Json::Pairs:
    case data::Json::None: break;
  }
  Json pair = array_of(value);
  pair["minItems"] = 2;
  pair["maxItems"] = 2;
  return array_of(std::move(pair));
}

Json cell_schema(const Offer& offer, const data::Column& column) {
  if (offer.is_ranked()) return question_schema(offer);
  if (!column.used) return {{"description", "Nothing reads it."}};
  if (column.json != data::Json::None) return json_schema(column.json);
  Json schema;
  if (column.type == data::ColumnType::Number) {
    schema["type"] = {"number", "boolean", "null"};
  } else {
    schema["type"] = {"string", "null"};
  }
  if (!column.categories.empty()) schema["examples"] = column.categories;
  return schema;
}

// `wide`: whether a row may have columns that the model has not.
Json row_schema(const Offer& offer, std::string_view example, bool wide) {
  Json properties = Json::object();
  Json required = Json::array();
  const std::vector<data::Column>& columns = offer.inputs().columns;
  if (columns.size() == 1 && columns.front().whole) {
    Json row = json_schema(columns.front().json);
    row["examples"] = Json::array({Json::parse(example)});
    return row;
  }
  for (const data::Column& column : columns) {
    properties[column.name] = cell_schema(offer, column);
    if (column.required()) required.push_back(column.name);
  }
  return {{"type", "object"},
          {"properties", properties},
          {"required", required},
          {"additionalProperties", wide || offer.inputs().open},
          {"examples", Json::array({Json::parse(example)})}};
}

// Where there is one column, a row may be its cell, too.
Json rows_schema(const Offer& offer, std::string_view row_name = "Row") {
  const std::vector<data::Column>& columns = offer.inputs().columns;
  Json row = reference(row_name);
  if (columns.size() == 1 && !columns.front().whole) {
    const Json cell = cell_schema(offer, columns.front());
    Json alone = array_of(cell);
    alone["minItems"] = 1;
    alone["maxItems"] = 1;
    row = {{"anyOf", Json::array({row, cell, alone})}};
  }
  Json rows = array_of(row);
  rows["minItems"] = 1;
  return rows;
}

// What one row of an output is in JSON.
Json value_schema(const Offer::Output& output) {
  Json cell;
  switch (output.datatype) {
    case data::Datatype::Int64: cell["type"] = "integer"; break;
    case data::Datatype::Bool: cell["type"] = "boolean"; break;
    case data::Datatype::Bytes: cell["type"] = "string"; break;
    default: cell["type"] = {"number", "null"};
  }
  if (output.shape == Offer::Shape::Vector) return cell;
  Json row = array_of(cell);
  if (output.shape == Offer::Shape::Matrix) {
    row["minItems"] = output.width;
    row["maxItems"] = output.width;
  }
  return row;
}

Json any_output(const Offer& offer) {
  Json any = Json::array();
  for (const Offer::Output& output : offer.outputs()) any.push_back(value_schema(output));
  return {{"anyOf", any}};
}

Json method_schema(const Offer& offer) {
  Json names = Json::array();
  for (const Offer::Output& output : offer.outputs()) names.push_back(output.name);
  return {{"type", "string"}, {"enum", names}};
}

Json top_k_schema() { return {{"type", "integer"}, {"minimum", 1}, {"maximum", 1'000'000'000}}; }

Json parameters_schema(const Offer& offer) {
  Json properties;
  if (offer.is_ranked()) {
    properties["top_k"] = top_k_schema();
  } else {
    properties["method"] = method_schema(offer);
  }
  return {
      {"type", {"object", "null"}}, {"properties", properties}, {"additionalProperties", false}};
}

// {"name": "<base64>", ...}
Json pictures_schema(const Offer& offer) {
  return {
      {"type", "object"}, {"additionalProperties", question_schema(offer)}, {"minProperties", 1}};
}

}  // namespace

Json score_request_schema(const Offer& offer) {
  if (offer.is_tensors()) {
    return {{"type", "object"},
            {"properties", {{"inputs", reference("Inputs")}, {"method", method_schema(offer)}}},
            {"required", {"inputs"}},
            {"additionalProperties", false}};
  }
  if (offer.is_image()) {
    const Json input = {{"anyOf", Json::array({question_schema(offer), pictures_schema(offer)})}};
    return {{"type", "object"},
            {"properties", {{"input", input}, {"top_k", top_k_schema()}}},
            {"required", {"input"}},
            {"additionalProperties", false}};
  }
  if (offer.is_ranked()) {
    return {{"type", "object"},
            {"properties", {{"input", question_schema(offer)}, {"top_k", top_k_schema()}}},
            {"required", {"input"}},
            {"additionalProperties", false}};
  }
  const Json rows = rows_schema(offer);
  return {{"type", "object"},
          {"properties", {{"data", rows}, {"method", method_schema(offer)}}},
          {"required", {"data"}},
          {"additionalProperties", false}};
}

Json score_answer_schema(const Offer& offer) {
  if (offer.is_tensors()) return reference("Outputs");
  if (!offer.is_ranked()) return array_of(any_output(offer));
  // An id, the id of its answer, and a score. "prefixItems" would tell them apart, but few tools
  // that read OpenAPI know it.
  Json any = Json::array({"number", "null"});
  if (!offer.candidates().integer_ids || !offer.candidates().integer_answer_ids) {
    any.push_back("string");
  }
  const Json ranked =
      array_of({{"type", "array"}, {"items", {{"type", any}}}, {"minItems", 3}, {"maxItems", 3}});
  if (!offer.is_image()) return ranked;
  const Json each = {{"anyOf", Json::array({ranked, error_schema("error")})}};
  return {
      {"anyOf", Json::array({ranked, Json{{"type", "object"}, {"additionalProperties", each}}})}};
}

namespace {

Json element_schema(data::Datatype type) {
  using data::Datatype;
  switch (type) {
    case Datatype::Bool: return {{"type", "boolean"}};
    case Datatype::Fp16:
    case Datatype::Bf16:
    case Datatype::Fp32:
    case Datatype::Fp64: return {{"type", {"number", "null"}}};
    case Datatype::Bytes: break;
    default: return {{"type", "integer"}};
  }
  const Json base64 = {
      {"type", "object"},
      {"properties", {{"b64", {{"type", "string"}, {"contentEncoding", "base64"}}}}},
      {"required", {"b64"}},
      {"additionalProperties", false}};
  return {{"anyOf", Json::array({Json{{"type", "string"}}, base64})}};
}

// Arrays nested as the shape is, from its extent `first` on.
Json nested_schema(const engine::TensorSpec& spec, std::size_t first) {
  if (spec.any_rank) return Json::object();
  Json schema = element_schema(spec.type);
  for (std::size_t i = spec.shape.size(); i > first; --i) {
    schema = array_of(std::move(schema));
    const std::int64_t extent = spec.shape[i - 1];
    if (extent == engine::kAnyExtent) continue;
    schema["minItems"] = extent;
    schema["maxItems"] = extent;
  }
  return schema;
}

// {"ids": ..., "mask": ...}
Json named_schema(std::span<const engine::TensorSpec> specs, std::size_t first) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const engine::TensorSpec& spec : specs) {
    properties[spec.name] = nested_schema(spec, first);
    required.push_back(spec.name);
  }
  return {{"type", "object"},
          {"properties", properties},
          {"required", required},
          {"additionalProperties", false}};
}

Json inputs_schema(const Offer& offer, std::size_t first) {
  const auto specs = offer.tensor_inputs();
  Json named = named_schema(specs, first);
  if (specs.size() > 1) return named;
  return {{"anyOf", Json::array({nested_schema(specs.front(), first), std::move(named)})}};
}

Json outputs_schema(const Offer& offer) {
  const auto& outputs = offer.outputs();
  if (outputs.size() == 1) return nested_schema(*outputs.front().tensor, 0);
  std::vector<engine::TensorSpec> specs;
  for (const Offer::Output& output : outputs) specs.push_back(*output.tensor);
  Json all = named_schema(specs, 0);
  // Of one alone that "method" names, its value.
  Json any = Json::array({std::move(all)});
  for (const engine::TensorSpec& spec : specs) any.push_back(nested_schema(spec, 0));
  return {{"anyOf", std::move(any)}};
}

Json tensor_rows_schema(const Offer& offer) {
  Json rows = array_of(inputs_schema(offer, 1));
  rows["minItems"] = 1;
  return rows;
}

}  // namespace

Json instances_schema(const Offer& offer) {
  const Json rows = offer.is_tensors() ? tensor_rows_schema(offer) : rows_schema(offer);
  return {{"type", "object"},
          {"properties", {{"instances", rows}, {"parameters", parameters_schema(offer)}}},
          {"required", {"instances"}},
          {"additionalProperties", false}};
}

Json invocations_schema(const Offer& offer) {
  if (offer.is_tensors()) {
    return {{"type", "object"},
            {"properties", {{"inputs", reference("Inputs")}, {"params", parameters_schema(offer)}}},
            {"required", {"inputs"}},
            {"additionalProperties", false}};
  }
  const Json rows = rows_schema(offer, "WideRow");
  return {{"type", "object"},
          {"properties", {{"dataframe_records", rows}, {"params", parameters_schema(offer)}}},
          {"required", {"dataframe_records"}},
          {"additionalProperties", false}};
}

Json predictions_schema(const Offer& offer) {
  // By rows or by outputs, as the protocol has it.
  if (offer.is_tensors()) {
    return {{"type", "object"},
            {"properties", {{"predictions", Json::object()}}},
            {"required", {"predictions"}}};
  }
  Json each = any_output(offer);
  if (offer.is_ranked()) {
    Json properties;
    for (const Offer::Output& output : offer.outputs()) {
      properties[output.name] = value_schema(output);
    }
    each = {{"type", "object"}, {"properties", properties}};
  }
  return {{"type", "object"},
          {"properties", {{"predictions", array_of(each)}}},
          {"required", {"predictions"}}};
}

Json tensor_schema() {
  Json datatypes = Json::array();
  for (auto i = std::size_t{0}; i <= static_cast<std::size_t>(data::Datatype::Bytes); ++i) {
    datatypes.push_back(data::datatype_name(static_cast<data::Datatype>(i)));
  }
  return {{"type", "object"},
          {"properties",
           {{"name", {{"type", "string"}}},
            {"shape", array_of({{"type", "integer"}, {"minimum", 0}})},
            {"datatype", {{"type", "string"}, {"enum", datatypes}}},
            {"parameters", {{"type", "object"}}},
            {"data", {{"type", "array"}}}}},
          {"required", {"name", "shape", "datatype"}}};
}

Json infer_answer_schema() {
  return {{"type", "object"},
          {"properties",
           {{"model_name", {{"type", "string"}}},
            {"id", {{"type", "string"}}},
            {"outputs", array_of(reference("Tensor"))}}},
          {"required", {"model_name", "outputs"}}};
}

Json error_schema(std::string_view key) {
  return {{"type", "object"},
          {"properties", {{std::string(key), {{"type", "string"}}}}},
          {"required", {std::string(key)}}};
}

Json components(const Offer& offer, std::string_view example) {
  if (!offer.is_tensors()) {
    return {{"Row", row_schema(offer, example, false)},
            {"WideRow", row_schema(offer, example, true)}};
  }
  Json inputs = inputs_schema(offer, 0);
  if (!example.empty()) inputs["examples"] = Json::array({Json::parse(example)});
  return {{"Inputs", std::move(inputs)}, {"Outputs", outputs_schema(offer)}};
}

}  // namespace contract::openapi_schemas
