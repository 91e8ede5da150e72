#include "front/description.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "contract/codec.h"
#include "contract/example.h"
#include "contract/grpc_services.h"
#include "contract/oip_grpc.h"
#include "contract/oip_repository.h"
#include "contract/oip_rest.h"
#include "contract/openapi.h"
#include "contract/tfserving.h"
#include "contract/tfserving_grpc.h"
#include "front/page.h"
#include "front/scoring.h"
#include "net/exchange.h"
#include "table/answer_writer.h"

namespace front {
namespace {

namespace repository = contract::oip_repository;
using contract::Action;
using contract::Route;

// An example's answer is computed where that takes no longer.
constexpr double kExampleUsMax = 5000;

void write_ready(bool ready, net::Response& response) {
  if (!ready) response.set_status(503);
  response.body() += ready ? "{\"ready\":true,\"live\":true}" : "{\"ready\":false,\"live\":true}";
}

void write_ping(bool ready, net::Response& response) {
  if (!ready) response.set_status(503);
  response.set_content_type("text/plain; charset=utf-8");
  response.body() += '\n';
}

contract::oip_rest::Statistics statistics_of(const serve::Endpoint& endpoint,
                                             const serve::Deployment& deployment) {
  const auto sum = [](const serve::Statistics::Sum& from) {
    return contract::oip_rest::Statistics::Sum{from.count.load(), from.ns.load()};
  };
  const serve::Statistics& from = deployment.statistics();
  return {.model = endpoint.name(),
          .version = deployment.version(),
          .last_ms = from.last_ms.load(),
          .rows = from.rows.load(),
          .success = sum(from.success),
          .fail = sum(from.fail),
          .queue = sum(from.queue),
          .decode = sum(from.decode),
          .compute = sum(from.compute),
          .encode = sum(from.encode)};
}

void write_statistics(const Route& route, const Described& described, std::string& body) {
  std::vector<contract::oip_rest::Statistics> all;
  std::vector<std::shared_ptr<const serve::Deployment>> held;
  if (described.endpoint != nullptr) {
    all.push_back(statistics_of(*described.endpoint, *described.deployment));
  } else {
    for (const auto& endpoint : described.endpoints.all()) {
      held.push_back(endpoint->deployment());
      all.push_back(statistics_of(*endpoint, *held.back()));
    }
  }
  if (route.is_grpc()) return contract::oip_grpc::encode_statistics(all, body);
  contract::oip_rest::encode_statistics(all, body);
}

// {"models":["faq"]}
void write_models(const Described& described, std::string& body) {
  body += "{\"models\":[";
  bool first = true;
  for (const auto& endpoint : described.endpoints.all()) {
    if (!first) body += ',';
    first = false;
    table::append_json_string(endpoint->name(), body);
  }
  body += "]}";
}

// What is served, and what was to be: in the order of names.
std::vector<repository::Entry> index_of(const Described& described) {
  using State = repository::Entry::State;
  serve::Loader::Notes notes;
  if (described.loader != nullptr) notes = described.loader->notes();
  std::vector<repository::Entry> entries;
  for (const auto& endpoint : described.endpoints.all()) {
    repository::Entry& entry = entries.emplace_back();
    entry.model = endpoint->name();
    entry.version = endpoint->deployment()->version();
    entry.state = described.ready ? State::Ready : State::Unavailable;
    // It serves on while another version is loaded, and when that has failed.
    const auto note = notes.extract(entry.model);
    if (!note.empty()) entry.reason = note.mapped().reason;
  }
  for (auto& [name, note] : notes) {
    repository::Entry& entry = entries.emplace_back();
    entry.model = name;
    entry.state = note.loading ? State::Loading : State::Unavailable;
    entry.reason = std::move(note.reason);
  }
  std::sort(entries.begin(), entries.end(),
            [](const auto& a, const auto& b) { return a.model < b.model; });
  return entries;
}

base::Result<void> write_index(const Route& route, const Described& described,
                               std::string_view request, std::string& body) {
  TRY_ASSIGN(const bool only_ready, route.is_grpc() ? repository::decode_index_call(request)
                                                    : repository::decode_index(request));
  std::vector<repository::Entry> entries = index_of(described);
  if (only_ready) {
    std::erase_if(entries, [](const repository::Entry& each) {
      return each.state != repository::Entry::State::Ready;
    });
  }
  if (route.is_grpc()) {
    repository::encode_index_call(entries, body);
  } else {
    repository::encode_index(entries, body);
  }
  return {};
}

// What was asked when it was loaded, or else is asked now.
std::string example_answer(const serve::Deployment& deployment, const std::string& request) {
  if (std::string known = deployment.example_answer(); !known.empty()) return known;
  if (request.empty() || deployment.estimate_us(request.size()) > kExampleUsMax) return {};
  std::string padded = request;
  padded.reserve(padded.size() + net::kBodyPadding);
  std::string answer;
  contract::Outgoing out{.body = answer};
  Scoring scoring;
  const auto scored = score(contract::Form::AzureMl, deployment, {.body = padded}, out,
                            {.now = std::chrono::steady_clock::now, .ended = nullptr}, scoring);
  return scored.ok() ? answer : std::string();
}

void write_api(const Route& route, const Described& described, std::string& body) {
  const serve::Deployment& deployment = *described.deployment;
  const std::string answer = example_answer(
      deployment, contract::example_request(deployment.offer(), deployment.example_row()));
  const contract::ApiOf api{.offer = deployment.offer(),
                            .endpoint = described.endpoint->name(),
                            .version = deployment.version(),
                            .example_row = deployment.example_row(),
                            .example_answer = answer,
                            .asks_for_keys = described.asks_for_keys,
                            .loads_models = described.loader != nullptr};
  body += route.action == Action::OpenApi ? contract::openapi(api) : contract::swagger(api);
}

// What it shows is for who has the key that it was asked with, and for no cache.
void add_page_fields(net::Response& response) {
  response.set_content_type("text/html; charset=utf-8");
  response.add_header("Vary", "Accept");
  response.add_header("Cache-Control", "no-store");
  response.add_header("Referrer-Policy", "no-referrer");
  response.add_header("Content-Security-Policy", kPagePolicy);
}

bool write_page(const Described& described, net::Response& response) {
  const auto endpoint = described.endpoints.find("");
  if (endpoint == nullptr) return false;
  add_page_fields(response);
  response.body() += make_page(*endpoint);
  return true;
}

// What is asked of one endpoint.
bool write_endpoint(const Route& route, const Described& described, net::Response& response) {
  if (described.deployment == nullptr) return false;
  const std::string& name = described.endpoint->name();
  const std::string& version = described.deployment->version();
  const contract::Offer& offer = described.deployment->offer();
  std::string& body = response.body();
  switch (route.action) {
    case Action::OipModel:
      contract::oip_rest::encode_model_metadata(name, version, offer, body);
      return true;
    case Action::OipModelReady:
      if (!described.ready) response.set_status(503);
      fmt::format_to(std::back_inserter(body), R"({{"name":"{}","ready":{}}})", name,
                     described.ready);
      return true;
    case Action::OipConfig: contract::oip_rest::encode_model_config(name, offer, body); return true;
    case Action::TfModel:
      if (!described.ready) response.set_status(503);
      contract::tfserving::encode_status(name, version, described.ready, body);
      return true;
    case Action::TfMetadata:
      contract::tfserving::encode_metadata(name, version, offer, body);
      return true;
    case Action::Swagger:
    case Action::OpenApi: write_api(route, described, body); return true;
    default: return false;
  }
}

// What a gRPC client asks, in messages.
base::Result<void> write_call(const Route& route, const Described& described,
                              std::string_view request, std::string& body) {
  namespace oip = contract::oip_grpc;
  const auto* deployment = described.deployment;
  switch (route.action) {
    case Action::Reflection: return contract::answer_reflection(request, body);
    case Action::OipLive: oip::encode_live(true, body); return {};
    case Action::OipReady:
    case Action::OipModelReady: oip::encode_ready(described.ready, body); return {};
    case Action::OipServer: oip::encode_server_metadata(described.program_version, body); return {};
    case Action::OipModel:
      oip::encode_model_metadata(described.endpoint->name(), deployment->version(),
                                 deployment->offer(), body);
      return {};
    case Action::OipConfig:
      oip::encode_model_config(described.endpoint->name(), deployment->offer(), body);
      return {};
    case Action::OipStatistics: write_statistics(route, described, body); return {};
    case Action::OipIndex: return write_index(route, described, request, body);
    case Action::TfModel:
      contract::tfserving_grpc::encode_status(deployment->version(), described.ready, body);
      return {};
    case Action::TfMetadata:
      contract::tfserving_grpc::encode_metadata(described.endpoint->name(), deployment->version(),
                                                deployment->offer(), body);
      return {};
    default: return base::Error(base::Code::NotFound, "there is nothing here");
  }
}

}  // namespace

base::Result<void> write_description(const Route& route, const Described& described,
                                     std::string_view request, net::Response& response) {
  std::string& body = response.body();
  if (route.is_grpc()) return write_call(route, described, request, body);
  bool known = true;
  switch (route.action) {
    case Action::Alive:
      response.add_header("Vary", "Accept");
      body += "{\"status\":\"alive\"}";
      break;
    case Action::Page: known = write_page(described, response); break;
    case Action::KeyPage:
      add_page_fields(response);
      body += key_page();
      break;
    case Action::Live:
    case Action::OipLive: body += "{\"live\":true}"; break;
    case Action::Ready:
    case Action::OipReady: write_ready(described.ready, response); break;
    case Action::Ping: write_ping(described.ready, response); break;
    case Action::Version:
      response.set_content_type("text/plain; charset=utf-8");
      body += described.program_version;
      break;
    case Action::Metrics:
      response.set_content_type("text/plain; version=0.0.4; charset=utf-8");
      body += described.metrics.text();
      break;
    case Action::OipServer:
      contract::oip_rest::encode_server_metadata(described.program_version, body);
      break;
    case Action::OipModels:
    case Action::TfModels: write_models(described, body); break;
    case Action::OipStatistics: write_statistics(route, described, body); break;
    case Action::OipIndex: return write_index(route, described, request, body);
    default: known = write_endpoint(route, described, response);
  }
  if (known) return {};
  return base::Error(base::Code::NotFound, "there is nothing here");
}

}  // namespace front
