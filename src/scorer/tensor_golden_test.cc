// A network of tensors as a whole: loaded, and its golden requests.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "scorer/agreement.h"
#include "scorer/golden.h"
#include "scorer/network_folder.h"
#include "scorer/test_tensors.h"

namespace scorer {
namespace {

using base::Code;
using data::Datatype;
using engine::NamedTensor;
using testing::test_floats;
using testing::test_ids;
using testing::test_request;
using testing::TestTensors;
using testing::TestTensorsOptions;

std::shared_ptr<const Scorer> numbers(testing::TestTensorsOptions options = {}) {
  auto scorer = testing::load_test_tensors(options);
  EXPECT_TRUE(scorer.ok()) << scorer.error().message();
  return *std::move(scorer);
}

Sample sample_of(std::vector<TensorRequest> requests) {
  Sample sample;
  sample.examples.requests = std::move(requests);
  return sample;
}

Golden must_make(const Scorer& scorer, Sample sample, const std::string& source = "given") {
  auto golden = make_golden(scorer, std::move(sample), source);
  EXPECT_TRUE(golden.ok()) << golden.error().message();
  return *std::move(golden);
}

TEST(TensorModelTest, IsLoaded) {
  const auto scorer = numbers();
  EXPECT_EQ(scorer->title(), "ONNX network");
  EXPECT_EQ(scorer->columns(), nullptr);
  EXPECT_EQ(scorer->image(), nullptr);
  ASSERT_NE(scorer->tensors(), nullptr);
  EXPECT_EQ(scorer->replay_tolerance(), 1e-4);
}

TEST(TensorModelTest, IsKnownByItsBytesAndInAFolderOfItsOwn) {
  std::string root = ::testing::TempDir() + "tensors.XXXXXX";
  ASSERT_NE(::mkdtemp(root.data()), nullptr);
  const testing::TestTensorsLoader loader;
  const auto load = [&](const std::string& name) {
    return Scorer::load(root + name, {.networks = &loader});
  };
  std::ofstream(root + "/network.bin") << "a network";
  const auto lone = load("/network.bin");
  ASSERT_TRUE(lone.ok()) << lone.error().message();
  EXPECT_NE((*lone)->tensors(), nullptr);
  EXPECT_EQ((*lone)->name(), "network");
  EXPECT_FALSE(load("").ok());
  std::ofstream(root + "/a.onnx") << "a network";
  EXPECT_TRUE(load("").ok());
  EXPECT_EQ(find_network(root), "a.onnx");
  std::ofstream(root + "/b.onnx") << "another network";
  EXPECT_FALSE(load("").ok());
  std::ofstream(root + "/model.onnx") << "a network";
  EXPECT_EQ(find_network(root), "model.onnx");
  EXPECT_FALSE(find_network(root + "/gone").has_value());
  std::filesystem::remove_all(root);
}

TEST(TensorRequestTest, IsBoundByName) {
  const TestTensors network;
  auto given = test_request({4, 5});
  std::swap(given[0], given[1]);
  const auto request = make_request(network, given);
  ASSERT_TRUE(request.ok()) << request.error().message();
  EXPECT_EQ((*request)[0].name, "a");
  EXPECT_EQ((*request)[1].name, "ids");
  const auto answer = answer_request(network, *request);
  ASSERT_TRUE(answer.ok()) << answer.error().message();
  EXPECT_EQ((*answer)[0].tensor.bytes, test_floats({2, 3}, {4, 6, 8, 5, 7, 9}).bytes);
  EXPECT_EQ((*answer)[1].tensor.bytes, test_ids({5, 6}).bytes);
  EXPECT_EQ((*answer)[2].tensor.texts, (std::vector<std::string>{"even", "odd"}));
}

std::string refusal_of(std::vector<NamedTensor> tensors) {
  const auto request = make_request(TestTensors(), std::move(tensors));
  if (request.ok()) return "";
  EXPECT_EQ(request.error().code(), Code::Invalid);
  return request.error().message();
}

TEST(TensorRequestTest, IsRefusedByTheInputThatDoesNotFit) {
  auto request = test_request({4});
  request.pop_back();
  EXPECT_EQ(refusal_of(request), "expected an array for input \"ids\", got none");
  request = test_request({4});
  request.push_back({"mask", test_ids({1})});
  EXPECT_EQ(refusal_of(request),
            "expected arrays called as the inputs \"a\", \"ids\", got \"mask\"");
  request = test_request({4});
  request[0].tensor.type = Datatype::Fp64;
  EXPECT_EQ(refusal_of(request), "input \"a\": expected FP32[?,3], got FP64[1,3]");
  // Without a name nobody knows which of the two it is.
  EXPECT_NE(refusal_of({{"", test_ids({1})}}), "");
  EXPECT_EQ(answer_request(TestTensors(), {}).error().message(),
            "expected a request of the inputs \"a\", \"ids\", got others");
}

TEST(TensorGoldenTest, ReadsBackWhatItWrote) {
  const auto scorer = numbers();
  const Golden golden = must_make(*scorer, sample_of({test_request({4, 5}), test_request({-1})}));
  EXPECT_EQ(golden.examples.count(), 2U);
  EXPECT_TRUE(golden.left_out.empty());
  const auto read = Golden::parse(golden.json());
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(read->json(), golden.json());
  EXPECT_EQ(read->outputs, golden.outputs);
  EXPECT_EQ(read->examples.requests[1][1].tensor.bytes, test_ids({-1}).bytes);
  const auto parity = replay(*scorer, *read, 0);
  ASSERT_TRUE(parity.ok()) << parity.error().message();
  EXPECT_EQ(parity->values, 15U);
  EXPECT_EQ(parity->equal, 15U);
  EXPECT_EQ(parity->rows, 2U);
}

TEST(TensorGoldenTest, AnotherNetworkIsFoundOut) {
  const Golden golden = must_make(*numbers(), sample_of({test_request({4, 5})}));
  const auto far = replay(*numbers({.scale = 2.001F}), golden, 1e-4);
  ASSERT_FALSE(far.ok());
  EXPECT_EQ(far.error().code(), Code::Corrupt);
  EXPECT_EQ(far.error().message().find(
                "golden rows: request 0, output \"scaled\" [1,2]: expected the answer of "
                "registration within 0.0001, got one 0.0005 away"),
            0U)
      << far.error().message();
  EXPECT_TRUE(replay(*numbers({.scale = 2.00001F}), golden, 1e-4).ok());
  const auto wider = replay(*numbers({.wide = 4}), golden, 1e-4);
  ASSERT_FALSE(wider.ok());
  EXPECT_EQ(wider.error().code(), Code::Corrupt);
  EXPECT_EQ(wider.error().message(),
            "golden rows: request 0, output \"scaled\": expected FP32[2,3], got FP32[2,4]");
}

TEST(TensorGoldenTest, AgreementWithOtherKernelsIsMeasured) {
  const Golden golden = must_make(*numbers(), sample_of({test_request({4, 5})}));
  const auto measured = measure_agreement(*numbers({.scale = 2.00001F}), golden);
  ASSERT_TRUE(measured.ok()) << measured.error().message();
  EXPECT_EQ(measured->parity.values, 10U);
  EXPECT_GT(measured->parity.rel_max, 1e-6);
  EXPECT_EQ(disagreement(*measured), "");
  EXPECT_NE(disagreement(*measure_agreement(*numbers({.scale = 2.01F}), golden)), "");
  EXPECT_EQ(measure_agreement(*numbers(), Golden{}).error().message(),
            "expected golden rows to compare with, got none");
}

TEST(TensorGoldenTest, AgreementSaysInHowManyRowsTheGreatestIsTheSame) {
  const Golden golden = must_make(*numbers(), sample_of({test_request({4, 5}), test_request({6})}));
  const auto same = measure_agreement(*numbers({.scale = 2.00001F}), golden);
  ASSERT_TRUE(same.ok()) << same.error().message();
  EXPECT_EQ(same->top1, 1.0);
  EXPECT_EQ(same->top5, 1.0);
  EXPECT_EQ(same->top_rows, 3U);
  EXPECT_EQ(measure_agreement(*numbers({.scale = -2}), golden)->top1, 0.0);
  // Of rows that were not kept whole nobody knows.
  const TestTensorsOptions wide{.wide = 5000};
  const Golden some = must_make(*numbers(wide), sample_of({test_request({4})}));
  const auto unknown = measure_agreement(*numbers(wide), some);
  ASSERT_TRUE(unknown.ok()) << unknown.error().message();
  EXPECT_FALSE(unknown->top1.has_value());
  EXPECT_FALSE(unknown->top_rows.has_value());
}

TEST(TensorGoldenTest, WhatNumbersThingsIsTheSameOrNot) {
  const auto scorer = numbers();
  Golden golden = must_make(*scorer, sample_of({test_request({100'000, 5})}));
  golden.outputs[0][1].numbers[1] += 1;
  const auto other = replay(*scorer, golden, 1);
  ASSERT_FALSE(other.ok());
  EXPECT_NE(other.error().message().find("request 0, output \"next\" [1]"), std::string::npos);
  golden.outputs[0][1].numbers[1] -= 1;
  golden.outputs[0][2].texts[0] = "odd";
  EXPECT_FALSE(replay(*scorer, golden, 1).ok());
}

TEST(TensorGoldenTest, OfManyNumbersSomeAreKept) {
  const auto scorer = numbers({.wide = 10'000});
  const Golden golden = must_make(*scorer, sample_of({test_request({4, 5})}));
  const KeptTensor& kept = golden.outputs[0][0];
  EXPECT_EQ(kept.shape, (std::vector<std::int64_t>{2, 10'000}));
  EXPECT_EQ(kept.numbers.size(), Golden::kElementsMax);
  EXPECT_EQ(kept.largest, 9);  // Of what is not among them, too.
  EXPECT_EQ(kept_position(0, Golden::kElementsMax, 20'000), 0U);
  EXPECT_EQ(kept_position(Golden::kElementsMax - 1, Golden::kElementsMax, 20'000), 19'995U);
  EXPECT_EQ(kept_position(7, 9, 9), 7U);
  EXPECT_TRUE(replay(*scorer, *Golden::parse(golden.json()), 0).ok());
}

TEST(TensorGoldenTest, ALargeBatchIsCut) {
  const auto scorer = numbers();
  // Of 20 bytes each.
  std::vector<std::int64_t> ids(Golden::kRequestsBytesMax / 20 + 1);
  const Golden golden = must_make(*scorer, sample_of({test_request(ids)}));
  ASSERT_EQ(golden.examples.requests.size(), 1U);
  EXPECT_EQ(golden.examples.requests[0][0].tensor.shape, (std::vector<std::int64_t>{64, 3}));
  EXPECT_EQ(golden.outputs[0][1].shape, std::vector<std::int64_t>{64});
  EXPECT_EQ(golden.left_out,
            std::vector<std::string>{"rows of request 0 beyond the first 64, as 8.0 MiB are kept"});
  EXPECT_TRUE(replay(*scorer, golden, 0).ok());
}

TEST(TensorGoldenTest, RequestsAreMadeUpWhereNobodyGaveAny) {
  const auto scorer = numbers();
  const auto sample = generate_sample(*scorer);
  ASSERT_TRUE(sample.ok()) << sample.error().message();
  const Golden golden = must_make(*scorer, *sample, "generated");
  ASSERT_EQ(golden.examples.requests.size(), 2U);
  EXPECT_EQ(golden.examples.requests[0][0].tensor.shape, (std::vector<std::int64_t>{1, 3}));
  EXPECT_NE(golden.examples.requests[0][0].tensor.bytes,
            golden.examples.requests[1][0].tensor.bytes);
  const std::int64_t id =
      static_cast<unsigned char>(golden.examples.requests[0][1].tensor.bytes[0]);
  EXPECT_LE(id, 1);
  // Everywhere the same.
  EXPECT_EQ(must_make(*numbers(), *generate_sample(*numbers()), "generated").json(), golden.json());
  // Extents that it leaves open are tried.
  const auto many = generate_sample(*numbers({.rows_min = 100}));
  ASSERT_TRUE(many.ok()) << many.error().message();
  EXPECT_EQ(many->examples.requests[0][1].tensor.shape, std::vector<std::int64_t>{128});
}

TEST(TensorGoldenTest, ANetworkThatTakesNoneNeedsAnExample) {
  const auto none = generate_sample(*numbers({.rows_min = 1000}));
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().message(),
            "expected a network that answers numbers made up for its inputs, got \"the network: "
            "expected other rows\"; give an example of a request");
}

TEST(TensorGoldenTest, RefusesWhatDoesNotFitTogether) {
  const std::string before =
      R"({"source":"given","columns":[],"left_out":[],"answers":[],"tensors":[{"inputs":[)";
  const std::string input = R"({"name":"a","datatype":"FP32","shape":[1],"base64":"AAAAAA=="})";
  const std::string between = R"(],"outputs":[)";
  const std::string output =
      R"({"name":"y","datatype":"FP32","shape":[2],"largest":1,"numbers":[1,"nan"]})";
  EXPECT_TRUE(Golden::parse(before + input + between + output + "]}]}").ok());
  for (const char* bad : {R"({"name":"a","datatype":"FP32","shape":[2],"base64":"AAAAAA=="})",
                          R"({"name":"a","datatype":"FP32","shape":[-1],"base64":""})",
                          R"({"name":"a","datatype":"FP3","shape":[1],"base64":"AAAAAA=="})",
                          R"({"name":"a","datatype":"BYTES","shape":[1],"texts":[]})",
                          R"({"name":"a","datatype":"BYTES","shape":[1],"texts":["!"]})",
                          R"({"datatype":"FP32","shape":[1],"base64":"AAAAAA=="})", "7"}) {
    EXPECT_FALSE(Golden::parse(before + bad + between + output + "]}]}").ok()) << bad;
  }
  for (const char* bad :
       {R"({"name":"y","datatype":"FP32","shape":[1],"largest":1,"numbers":[1,2]})",
        R"({"name":"y","datatype":"FP32","shape":[1],"largest":1,"numbers":[]})",
        R"({"name":"y","datatype":"FP32","shape":[1],"numbers":[1]})",
        R"({"name":"y","datatype":"FP32","shape":[1],"largest":"inf","numbers":[1]})",
        R"({"name":"y","datatype":"FP32","shape":[1],"largest":1,"numbers":["a"]})",
        R"({"name":"y","datatype":"BYTES","shape":[0],"texts":[""]})"}) {
    EXPECT_FALSE(Golden::parse(before + input + between + bad + "]}]}").ok()) << bad;
  }
  EXPECT_FALSE(Golden::parse(R"({"source":"given","columns":["a"],"left_out":[],"rows":[[1]],)"
                             R"("answers":[],"tensors":[]})")
                   .ok());
}

}  // namespace
}  // namespace scorer
