#include "front/scoring.h"

#include <algorithm>

#include "contract/azureml.h"
#include "contract/oip_rest.h"

namespace front {
namespace {

namespace azureml = contract::azureml;
namespace oip_rest = contract::oip_rest;
using serve::Deployment;
using serve::Session;

// The fewest bytes that a cell takes in a body: "0,".
constexpr std::size_t kCellBytesMin = 2;

base::Result<void> match_once(const scorer::MatchScorer& match, Session& session,
                              std::string_view body, std::string& out) {
  TRY_ASSIGN(const azureml::MatchRequest request, azureml::decode_match(body, session.json));
  TRY_ASSIGN(
      const auto ranked,
      match.match(request.input, request.top_k.value_or(match.default_top_k()), *session.match));
  azureml::encode_match(ranked, match.candidates(), out);
  return {};
}

base::Result<void> match_many(const scorer::MatchScorer& match, Session& session,
                              std::string_view name, std::string_view body, std::string& out) {
  TRY_ASSIGN(const oip_rest::Request request,
             oip_rest::decode_match(body, session.json, session.inputs));
  const std::size_t top_k = request.top_k.value_or(match.default_top_k());
  session.ranked.clear();
  std::size_t k = 0;
  for (const std::string_view input : session.inputs) {
    TRY_ASSIGN(const auto ranked, match.match(input, top_k, *session.match));
    k = ranked.size();
    session.ranked.insert(session.ranked.end(), ranked.begin(), ranked.end());
  }
  oip_rest::begin_response(name, request, out);
  oip_rest::append_match_tensors(request, session.ranked, session.inputs.size(), k,
                                 match.candidates(), out);
  oip_rest::finish_response(out);
  return {};
}

std::size_t position_of(const scorer::ColumnsScorer& columns, plan::Method method) {
  const auto at = std::find(columns.methods().begin(), columns.methods().end(), method);
  return static_cast<std::size_t>(at - columns.methods().begin());
}

base::Result<const plan::Buffer*> run(const scorer::ColumnsScorer& columns, plan::Method method,
                                      Session& session) {
  return columns.plan(method).run(*session.frame, *session.scratches[position_of(columns, method)]);
}

base::Result<void> score_rows(const scorer::ColumnsScorer& columns, Deployment& deployment,
                              Session& session, std::string_view body, std::string& out) {
  TRY_ASSIGN(const plan::Method method,
             azureml::decode_rows(body, session.json, columns, *session.rows, session.positions,
                                  *session.frame));
  TRY_ASSIGN(const plan::Buffer* answer, run(columns, method, session));
  deployment.answer_text(position_of(columns, method))
      .append_rows(*answer, session.frame->rows(), out);
  return {};
}

base::Result<void> score_tensors(const scorer::ColumnsScorer& columns, Deployment& deployment,
                                 Session& session, std::string_view name, std::string_view body,
                                 std::string& out) {
  TRY_ASSIGN(const oip_rest::Request request,
             oip_rest::decode_columns(body, session.json, columns, *session.rows, *session.frame));
  TRY_ASSIGN(const auto methods, oip_rest::choose_methods(request, columns));
  oip_rest::begin_response(name, request, out);
  bool first = true;
  for (const plan::Method method : methods) {
    TRY_ASSIGN(const plan::Buffer* answer, run(columns, method, session));
    oip_rest::append_tensor({.method = method,
                             .output = columns.plan(method).output(),
                             .text = deployment.answer_text(position_of(columns, method)),
                             .answer = *answer,
                             .rows = session.frame->rows()},
                            first, out);
    first = false;
  }
  oip_rest::finish_response(out);
  return {};
}

}  // namespace

base::Result<void> score(const contract::Route& route, serve::Endpoint& endpoint,
                         std::string_view body, std::string& out) {
  Deployment& deployment = endpoint.deployment();
  auto session = deployment.borrow();
  const bool oip = route.protocol == contract::Protocol::OipRest;
  if (const scorer::MatchScorer* match = deployment.scorer().match()) {
    return oip ? match_many(*match, *session, endpoint.name(), body, out)
               : match_once(*match, *session, body, out);
  }
  const scorer::ColumnsScorer& columns = *deployment.scorer().columns();
  return oip ? score_tensors(columns, deployment, *session, endpoint.name(), body, out)
             : score_rows(columns, deployment, *session, body, out);
}

double estimate_us(const serve::Endpoint& endpoint, std::size_t body_bytes) {
  const scorer::Scorer& scorer = endpoint.deployment().scorer();
  // Parsing and answering cost about a nanosecond a byte.
  const double bytes_us = static_cast<double>(body_bytes) / 1000;
  if (scorer.match() != nullptr) return scorer.cost_us() + bytes_us;
  const std::size_t columns =
      std::max<std::size_t>(1, scorer.columns()->signature().columns.size());
  const std::size_t rows = std::max<std::size_t>(1, body_bytes / (columns * kCellBytesMin * 8));
  return scorer.cost_us() * static_cast<double>(rows) + bytes_us;
}

}  // namespace front
