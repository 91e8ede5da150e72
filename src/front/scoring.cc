#include "front/scoring.h"

#include "contract/json_rows.h"

namespace front {
namespace {

base::Result<void> decode(contract::Codec& codec, const contract::Incoming& in,
                          contract::Reader& reader) {
  reader.json.limit_depth(in.json_depth_max);
  TRY(codec.decode(in, reader));
  if (in.method.empty()) return {};
  // The address says it, whatever the body said.
  return contract::choose_output(reader.ask, in.method, "method");
}

}  // namespace

base::Result<void> score(contract::Form form, const serve::Deployment& deployment,
                         const contract::Incoming& in, contract::Outgoing& out,
                         const Meanwhile& meanwhile, Scoring& scoring) {
  auto session = deployment.borrow();
  contract::Codec& codec = deployment.codec(form, *session);
  const auto begun = meanwhile.now();
  TRY(decode(codec, in, session->reader));
  scoring.rows = session->ask.rows();
  const auto decoded = meanwhile.now();
  scoring.times.decode = decoded - begun;
  TRY(deployment.score(*session, meanwhile.ended));
  const auto computed = meanwhile.now();
  scoring.times.compute = computed - decoded;
  TRY(codec.encode(session->ask, session->answers, out));
  scoring.times.encode = meanwhile.now() - computed;
  return {};
}

}  // namespace front
