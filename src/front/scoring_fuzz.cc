#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "front/scoring.h"
#include "scorer/test_network.h"

// Bodies of requests, in every form, against models of every kind: whatever comes is answered or
// refused.
namespace {

const serve::Deployment* load(const char* path) {
  auto scorer = scorer::Scorer::load(path, {});
  if (!scorer.ok()) std::abort();
  return new serve::Deployment((*scorer)->name(), "1", *scorer);  // Lives as long as the run.
}

const serve::Deployment* load_pictures() {
  const auto scorer = scorer::testing::load_test_pictures();
  if (!scorer.ok()) std::abort();
  return new serve::Deployment((*scorer)->name(), "1", *scorer);
}

constexpr std::string_view kTypes[] = {"application/json", "text/csv", "application/jsonlines"};
constexpr std::string_view kPictureTypes[] = {"application/json", "image/png",
                                              "multipart/form-data; boundary=b", "text/csv"};
constexpr std::string_view kMethods[] = {"predict", "predict_proba", "decision_function", "id"};

}  // namespace

// The first byte says the model (one of pictures where it has 64), and a method where it is large,
// the second the form, the third how body and answer are written, and where JSON ends in a body of
// tensors.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const serve::Deployment* const deployments[] = {
      load(SOOTH_SOURCE_DIR "/tests/scenario/data/passengers.joblib"),
      load(SOOTH_SOURCE_DIR "/tests/scenario/data/flowers.joblib"),
      load(SOOTH_SOURCE_DIR "/demos/faq/similarity"),
      load(SOOTH_SOURCE_DIR "/tests/scenario/data/deliveries.joblib"),
  };
  if (size < 3) return 0;
  std::string body(reinterpret_cast<const char*>(data + 3), size - 3);
  body.reserve(body.size() + 64);
  static const serve::Deployment* const pictures = load_pictures();
  const bool of_pictures = (data[0] & 64) != 0;
  const serve::Deployment& deployment =
      of_pictures ? *pictures : *deployments[data[0] % std::size(deployments)];
  contract::Incoming in{.body = body};
  in.content_type = of_pictures ? kPictureTypes[data[2] % std::size(kPictureTypes)]
                                : kTypes[data[2] % std::size(kTypes)];
  in.accept = kTypes[data[2] / 4 % std::size(kTypes)];
  if (data[2] >= 128) in.json_bytes = (data[2] - 128) * 8;
  if (data[0] >= 128) in.method = kMethods[data[0] / 4 % std::size(kMethods)];
  std::string answer;
  contract::Outgoing out{.body = answer};
  front::Scoring scoring;
  const auto form = static_cast<contract::Form>(data[1] % contract::kForms);
  static_cast<void>(
      front::score(form, deployment, in, out, std::chrono::steady_clock::now, scoring).ok());
  return 0;
}
