#include "contract/openapi.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "contract/example.h"

namespace contract {
namespace {

using Json = nlohmann::ordered_json;

Json reference(std::string_view name) {
  return {{"$ref", fmt::format("#/components/schemas/{}", name)}};
}

Json array_of(Json items) { return {{"type", "array"}, {"items", std::move(items)}}; }

// A text that is not blank.
Json question_schema(const Offer& offer) {
  if (offer.is_image()) {
    return {
        {"type", "string"}, {"contentEncoding", "base64"}, {"description", "A JPEG, PNG or WebP."}};
  }
  return {{"type", "string"}, {"pattern", "[^ \\t\\r\\n]"}};
}

Json cell_schema(const Offer& offer, const data::Column& column) {
  if (offer.is_ranked()) return question_schema(offer);
  if (!column.used) return {{"description", "Nothing reads it."}};
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
  for (const data::Column& column : offer.inputs().columns) {
    properties[column.name] = cell_schema(offer, column);
    if (column.used) required.push_back(column.name);
  }
  return {{"type", "object"},
          {"properties", properties},
          {"required", required},
          {"additionalProperties", wide},
          {"examples", Json::array({Json::parse(example)})}};
}

// Where there is one column, a row may be its cell, too.
Json rows_schema(const Offer& offer, std::string_view row_name = "Row") {
  const std::vector<data::Column>& columns = offer.inputs().columns;
  Json row = reference(row_name);
  if (columns.size() == 1) {
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

Json score_request_schema(const Offer& offer) {
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
  if (!offer.is_ranked()) return array_of(any_output(offer));
  // An id, the id of its answer, and a score. "prefixItems" would tell them apart, but few tools
  // that read OpenAPI know it.
  Json any = Json::array({"number", "null"});
  if (!offer.candidates().integer_ids || !offer.candidates().integer_answer_ids) {
    any.push_back("string");
  }
  return array_of(
      {{"type", "array"}, {"items", {{"type", any}}}, {"minItems", 3}, {"maxItems", 3}});
}

Json instances_schema(const Offer& offer) {
  const Json rows = rows_schema(offer);
  return {{"type", "object"},
          {"properties", {{"instances", rows}, {"parameters", parameters_schema(offer)}}},
          {"required", {"instances"}},
          {"additionalProperties", false}};
}

Json records_schema(const Offer& offer) {
  const Json rows = rows_schema(offer, "WideRow");
  return {{"type", "object"},
          {"properties", {{"dataframe_records", rows}, {"params", parameters_schema(offer)}}},
          {"required", {"dataframe_records"}},
          {"additionalProperties", false}};
}

Json predictions_schema(const Offer& offer) {
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

Json content(const Json& schema) { return {{"application/json", {{"schema", schema}}}}; }

Json responses(const Json& answer, std::string_view error) {
  Json all;
  all["200"] = {{"description", "The answer."}, {"content", content(answer)}};
  const std::pair<const char*, const char*> refusals[] = {
      {"400", "The request is not what it should be; the message says where and why."},
      {"401", "There is no key, or none that is known."},
      {"403", "The key does not permit this."},
      {"404", "There is no such endpoint or version."},
      {"413", "The body is too large."},
      {"429", "Too many requests: try again after Retry-After seconds."},
      {"503", "The server is busy or stopping: try again after Retry-After seconds."}};
  for (const auto& [status, description] : refusals) {
    all[status] = {{"description", description}, {"content", content(reference(error))}};
  }
  return all;
}

Json post(std::string_view id, std::string_view summary, const Json& request, const Json& answer,
          std::string_view error) {
  return {{"post",
           {{"operationId", std::string(id)},
            {"summary", std::string(summary)},
            {"requestBody", {{"required", true}, {"content", content(request)}}},
            {"responses", responses(answer, error)}}}};
}

Json probe(std::string_view id, std::string_view summary) {
  const Json answer = content({{"type", "object"}});
  return {{"get",
           {{"operationId", std::string(id)},
            {"summary", std::string(summary)},
            {"security", Json::array()},
            {"responses",
             {{"200", {{"description", "Yes."}, {"content", answer}}},
              {"503", {{"description", "Not now."}, {"content", answer}}}}}}}};
}

Json score_path(const ApiOf& api) {
  Json path = post("score", "Score, as Azure ML's web services are called",
                   score_request_schema(api.offer), score_answer_schema(api.offer), "Message");
  Json& operation = path["post"];
  operation["requestBody"]["content"]["application/json"]["example"] =
      Json::parse(example_request(api.offer, api.example_row));
  if (!api.example_answer.empty()) {
    operation["responses"]["200"]["content"]["application/json"]["example"] =
        Json::parse(api.example_answer);
  }
  return path;
}

Json paths_of(const ApiOf& api) {
  const Offer& offer = api.offer;
  Json paths;
  paths["/score"] = score_path(api);
  paths["/invocations"] = post("invocations", "Score, as MLflow's models are called",
                               records_schema(offer), predictions_schema(offer), "MlflowError");
  paths[fmt::format("/v1/models/{}:predict", api.endpoint)] =
      post("predict", "Score, as TensorFlow Serving and KServe V1 are called",
           instances_schema(offer), predictions_schema(offer), "Error");
  Json inputs = array_of(reference("Tensor"));
  inputs["minItems"] = 1;
  const Json infer = {
      {"type", "object"},
      {"properties",
       {{"id", {{"type", "string"}}}, {"parameters", {{"type", "object"}}}, {"inputs", inputs}}},
      {"required", {"inputs"}}};
  paths[fmt::format("/v2/models/{}/infer", api.endpoint)] =
      post("infer", "Score, by the Open Inference Protocol", infer, infer_answer_schema(), "Error");
  paths["/healthz"] = probe("live", "Whether the process answers");
  paths["/readyz"] = probe("ready", "Whether every endpoint can score");
  return paths;
}

}  // namespace

std::string openapi(const ApiOf& api) {
  Json document;
  document["openapi"] = "3.1.0";
  document["info"] = {{"title", std::string(api.endpoint)}, {"version", std::string(api.version)}};
  document["paths"] = paths_of(api);
  Json& components = document["components"];
  components["schemas"] = {
      {"Row", row_schema(api.offer, api.example_row, false)},
      {"WideRow", row_schema(api.offer, api.example_row, true)},
      {"Tensor", tensor_schema()},
      {"Error", error_schema("error")},
      {"Message", error_schema("message")},
      {"MlflowError", error_schema("message")},
  };
  if (api.asks_for_keys) {
    components["securitySchemes"] = {{"key", {{"type", "http"}, {"scheme", "bearer"}}}};
    document["security"] = Json::array({{{"key", Json::array()}}});
  }
  return document.dump();
}

std::string swagger(const ApiOf& api) {
  // Version 2.0 knows one type for each value.
  Json row = {{"type", "object"}, {"properties", Json::object()}};
  for (const data::Column& column : api.offer.inputs().columns) {
    if (!column.used) continue;
    const bool number = column.type == data::ColumnType::Number;
    row["properties"][column.name] = {{"type", number ? "number" : "string"}};
  }
  Json request = {{"type", "object"}};
  if (api.offer.is_ranked()) {
    request["properties"] = {{"input", {{"type", "string"}}}, {"top_k", {{"type", "integer"}}}};
    request["required"] = {"input"};
  } else {
    request["properties"] = {{"data", array_of(row)}, {"method", {{"type", "string"}}}};
    request["required"] = {"data"};
  }
  request["example"] = Json::parse(example_request(api.offer, api.example_row));
  const Json answer = array_of(Json::object());
  const Json operation = {
      {"operationId", "RunMLService"},
      {"parameters", Json::array({{{"name", "serviceInputPayload"},
                                   {"in", "body"},
                                   {"required", true},
                                   {"schema", {{"$ref", "#/definitions/ServiceInput"}}}}})},
      {"responses",
       {{"200",
         {{"description", "The answer."}, {"schema", {{"$ref", "#/definitions/ServiceOutput"}}}}},
        {"default",
         {{"description", "What was wrong."},
          {"schema", {{"$ref", "#/definitions/ErrorResponse"}}}}}}}};
  const Json document = {
      {"swagger", "2.0"},
      {"info", {{"title", std::string(api.endpoint)}, {"version", std::string(api.version)}}},
      {"consumes", {"application/json"}},
      {"produces", {"application/json"}},
      {"paths", {{"/score", {{"post", operation}}}}},
      {"definitions",
       {{"ServiceInput", request},
        {"ServiceOutput", answer},
        {"ErrorResponse", error_schema("message")}}}};
  return document.dump();
}

}  // namespace contract
