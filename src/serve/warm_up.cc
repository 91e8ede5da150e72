#include "serve/warm_up.h"

#include <string>

#include <simdjson.h>

#include "contract/codec.h"
#include "contract/example.h"

namespace serve {
namespace {

base::Result<void> score_example(const Deployment& deployment, Session& session) {
  std::string body = contract::example_request(deployment.offer(), deployment.example_row());
  body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  std::string answer;
  contract::Outgoing out{.body = answer};
  contract::Codec& codec = deployment.codec(contract::Form::AzureMl, session);
  TRY(codec.decode({.body = body}, session.reader));
  TRY(deployment.score(session));
  return codec.encode(session.ask, session.answers, out);
}

}  // namespace

void warm_up(const Deployment& deployment) {
  auto session = deployment.borrow();
  static_cast<void>(score_example(deployment, *session).ok());
}

}  // namespace serve
