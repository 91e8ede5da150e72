#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "front/scoring.h"

// Bodies of requests, in every form and against both kinds of models: whatever comes is answered
// or refused.
namespace {

serve::Endpoint* load(const char* path) {
  static telemetry::Metrics metrics;
  auto scorer = scorer::Scorer::load(path, {});
  if (!scorer.ok()) std::abort();
  return new serve::Endpoint((*scorer)->name(), *scorer, metrics);  // Lives as long as the run.
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static serve::Endpoint* const endpoints[] = {
      load(SOOTH_SOURCE_DIR "/tests/scenario/data/passengers.joblib"),
      load(SOOTH_SOURCE_DIR "/tests/scenario/data/flowers.joblib"),
      load(SOOTH_SOURCE_DIR "/demos/faq/similarity"),
  };
  if (size == 0) return 0;
  std::string body(reinterpret_cast<const char*>(data + 1), size - 1);
  body.reserve(body.size() + 64);
  serve::Endpoint& endpoint = *endpoints[data[0] % std::size(endpoints)];
  const bool oip = (data[0] & 0x80) != 0;
  const std::string path = oip ? "/v2/models/" + endpoint.name() + "/infer" : "/score";
  std::string out;
  static_cast<void>(front::score(contract::route(path), endpoint, body, out).ok());
  return 0;
}
