#include "contract/openapi.h"

#include <utility>

#include <fmt/format.h>

#include "contract/example.h"
#include "contract/openapi_schemas.h"

namespace contract {
namespace {

using openapi_schemas::array_of;
using openapi_schemas::error_schema;
using openapi_schemas::infer_answer_schema;
using openapi_schemas::instances_schema;
using openapi_schemas::invocations_schema;
using openapi_schemas::Json;
using openapi_schemas::predictions_schema;
using openapi_schemas::reference;
using openapi_schemas::score_answer_schema;
using openapi_schemas::score_request_schema;
using openapi_schemas::tensor_schema;
// half.

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
      {"503", "The server is stopping: try again after Retry-After seconds."}};
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

// Pictures as they are, alone or in a form by their names.
void add_picture_types(Json& content) {
  for (const char* type : {"image/jpeg", "image/png", "image/webp"}) content[type] = Json::object();
  const Json part = {{"type", "string"}, {"contentMediaType", "application/octet-stream"}};
  content["multipart/form-data"]["schema"] = {
      {"type", "object"}, {"additionalProperties", part}, {"minProperties", 1}};
}

Json score_path(const ApiOf& api) {
  Json path = post("score", "Score, as Azure ML's web services are called",
                   score_request_schema(api.offer), score_answer_schema(api.offer), "Message");
  Json& operation = path["post"];
  Json& request = operation["requestBody"]["content"];
  const std::string example = example_request(api.offer, api.example_row);
  if (!example.empty()) request["application/json"]["example"] = Json::parse(example);
  if (api.offer.is_image()) add_picture_types(request);
  // Where NaN is written as such, an answer may be no JSON.
  const Json answered = Json::parse(api.example_answer, nullptr, false);
  if (!answered.is_discarded()) {
    operation["responses"]["200"]["content"]["application/json"]["example"] = answered;
  }
  return path;
}

// The model repository extension of the Open Inference Protocol.
Json repository_path(std::string_view id, std::string_view summary, Json request, Json answer) {
  Json path = post(id, summary, request, answer, "Error");
  path["post"]["requestBody"]["required"] = false;
  return path;
}

void add_repository(bool loads_models, Json& paths) {
  const Json text = {{"type", "string"}};
  const Json entry = {
      {"type", "object"},
      {"properties", {{"name", text}, {"version", text}, {"state", text}, {"reason", text}}},
      {"required", {"name"}}};
  paths["/v2/repository/index"] = repository_path(
      "index", "What is served, and what was to be",
      {{"type", "object"}, {"properties", {{"ready", {{"type", "boolean"}}}}}}, array_of(entry));
  if (!loads_models) return;
  const Json name = {
      {"name", "model"}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}};
  const Json version = {{"type", {"string", "integer"}}};
  const Json parameters = {{"type", "object"},
                           {"properties", {{"version", version}, {"alias", text}}}};
  const auto done = [&](const char* what) -> Json {
    return {{"type", "object"},
            {"properties", {{"name", text}, {"version", text}, {what, {{"type", "boolean"}}}}}};
  };
  const auto add = [&](const char* what, const char* summary, const Json& request) {
    Json path = repository_path(what, summary, request, done(what));
    path["parameters"] = Json::array({name});
    paths[fmt::format("/v2/repository/models/{{model}}/{}", what)] = std::move(path);
  };
  add("load", "Serve the newest version of a model, or another",
      {{"type", "object"}, {"properties", {{"parameters", parameters}}}});
  add("unload", "Serve a model no longer", {{"type", "object"}});
}

Json paths_of(const ApiOf& api) {
  const Offer& offer = api.offer;
  Json paths;
  paths["/score"] = score_path(api);
  paths["/invocations"] = post("invocations", "Score, as MLflow's models are called",
                               invocations_schema(offer), predictions_schema(offer), "MlflowError");
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
  add_repository(api.loads_models, paths);
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
  Json& schemas = components["schemas"];
  schemas = openapi_schemas::components(api.offer, api.example_row);
  schemas["Tensor"] = tensor_schema();
  schemas["Error"] = error_schema("error");
  schemas["Message"] = error_schema("message");
  schemas["MlflowError"] = error_schema("message");
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
    Json cell = {{"type", number ? "number" : "string"}};
    if (column.json == data::Json::Object) {
      cell = {{"type", "object"}};
    } else if (column.json != data::Json::None) {
      cell = array_of(Json::object());
    }
    if (column.whole) {
      row = std::move(cell);
    } else {
      row["properties"][column.name] = std::move(cell);
    }
  }
  Json request = {{"type", "object"}};
  if (api.offer.is_tensors()) {
    request["properties"] = {{"inputs", Json::object()}, {"method", {{"type", "string"}}}};
    request["required"] = {"inputs"};
  } else if (api.offer.is_ranked()) {
    request["properties"] = {{"input", {{"type", "string"}}}, {"top_k", {{"type", "integer"}}}};
    request["required"] = {"input"};
  } else {
    request["properties"] = {{"data", array_of(row)}, {"method", {{"type", "string"}}}};
    request["required"] = {"data"};
  }
  const std::string example = example_request(api.offer, api.example_row);
  if (!example.empty()) request["example"] = Json::parse(example);
  const bool named = api.offer.is_tensors() || api.offer.is_image();
  const Json answer = named ? Json::object() : array_of(Json::object());
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
