#include "serve/warm_up.h"

#include <string>
#include <utility>

#include <simdjson.h>

#include "contract/codec.h"
#include "contract/example.h"

namespace serve {
namespace {

// Of a network, whose example may be large, without a codec.
base::Result<void> score_tensors(const Deployment& deployment, Session& session) {
  contract::Ask& ask = session.ask;
  for (std::size_t i = 0; i < deployment.example_tensors().size(); ++i) {
    const engine::Tensor& from = deployment.example_tensors()[i];
    contract::Tensors::Tensor& to = ask.tensors[i];
    to.given = true;
    to.type = from.type;
    to.shape = from.shape;
    to.bytes = from.bytes;
    to.texts.assign(from.texts.begin(), from.texts.end());
  }
  ask.want_usual_outputs();
  if (!ask.tensors.any()) return {};
  TRY(deployment.score(session));
  const bool shown =
      !deployment.example_row().empty() &&
      contract::shown_elements(session.answers.tensors) <= contract::kShownElementsMax;
  if (!shown) return {};
  std::string answer;
  contract::Outgoing out{.body = answer};
  // One of its own: that of the session has read no request.
  TRY(contract::make_codec(contract::Form::AzureMl, "")->encode(ask, session.answers, out));
  deployment.keep_example_answer(std::move(answer));
  return {};
}

base::Result<void> score_example(const Deployment& deployment, Session& session) {
  if (deployment.offer().is_tensors()) return score_tensors(deployment, session);
  std::string body = contract::example_request(deployment.offer(), deployment.example_row());
  body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  std::string answer;
  contract::Outgoing out{.body = answer};
  contract::Codec& codec = deployment.codec(contract::Form::AzureMl, session);
  TRY(codec.decode({.body = body}, session.reader));
  TRY(deployment.score(session));
  TRY(codec.encode(session.ask, session.answers, out));
  deployment.keep_example_answer(std::move(answer));
  return {};
}

}  // namespace

void warm_up(const Deployment& deployment) {
  auto session = deployment.borrow();
  static_cast<void>(score_example(deployment, *session).ok());
}

}  // namespace serve
