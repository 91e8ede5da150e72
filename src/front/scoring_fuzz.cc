#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "contract/test_tensors.h"
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

// Of every kind of element, of any shape and of few.
const serve::Deployment* load_tensors(int which) {
  using contract::testing::test_spec;
  using data::Datatype;
  auto scorer = contract::testing::load_three();
  if (which == 1) scorer = contract::testing::load_pairs();
  if (which == 2) scorer = contract::testing::load_echo({test_spec("x", Datatype::Bytes, {-1})});
  if (which == 3) {
    std::vector<engine::TensorSpec> specs;
    for (auto i = std::size_t{0}; i <= static_cast<std::size_t>(Datatype::Bytes); ++i) {
      const auto type = static_cast<Datatype>(i);
      specs.push_back(test_spec(std::string(data::datatype_name(type)), type, {}, true));
    }
    scorer = contract::testing::load_echo(std::move(specs));
  }
  return new serve::Deployment(scorer->name(), "1", scorer);
}

constexpr std::string_view kTypes[] = {"application/json", "text/csv", "application/jsonlines"};
constexpr std::string_view kPictureTypes[] = {"application/json", "image/png",
                                              "multipart/form-data; boundary=b", "text/csv"};
constexpr std::string_view kMethods[] = {"predict", "predict_proba", "decision_function", "id"};

}  // namespace

// The first byte says the model (one of pictures where it has 64, of tensors where it has 32 of the
// others), and a method where it is large,
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
  static const serve::Deployment* const tensors[] = {load_tensors(0), load_tensors(1),
                                                     load_tensors(2), load_tensors(3)};
  const bool of_pictures = (data[0] & 64) != 0;
  const bool of_tensors = !of_pictures && (data[0] & 32) != 0;
  const serve::Deployment& of_rows = *deployments[data[0] % std::size(deployments)];
  const serve::Deployment& deployment = of_pictures  ? *pictures
                                        : of_tensors ? *tensors[data[0] % std::size(tensors)]
                                                     : of_rows;
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
  static_cast<void>(front::score(form, deployment, in, out,
                                 {.now = std::chrono::steady_clock::now, .ended = nullptr}, scoring)
                        .ok());
  return 0;
}
