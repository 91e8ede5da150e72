#include "model/description.h"

#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace model {
namespace {

Description sample() {
  Description description;
  description.title = "sklearn.pipeline.Pipeline";
  description.engine = "native";
  description.recipe = "columns";
  description.written_by = {"scikit-learn 1.9.1"};
  description.files = {{"model.joblib", base::Digest::of("x"), false, 1},
                       {"weights.bin", base::Digest::of("layer"), true, 1 << 30}};
  description.inputs = {{"city", "text", true, {"Rome", "Oslo"}}, {"age", "number", false, {}}};
  description.outputs = {{"predict", 1, {"no", "yes"}}, {"predict_proba", 2, {}}};
  description.golden_source = "given";
  description.golden_rows = 5;
  Parity& parity = description.parity.emplace();
  parity.against = "expected answers";
  parity.rows = 5;
  parity.values = 10;
  parity.equal = 9;
  parity.rel_max = 1e-16;
  parity.tolerance = 1e-9;
  parity.worst = "row 3, predict_proba column \"a\"";
  return description;
}

TEST(DescriptionTest, ReadsBackHowFarAProviderWas) {
  Description description = sample();
  Agreement& agreement = description.agreement.emplace();
  agreement.provider = "openvino";
  agreement.precision = "bf16";
  agreement.runtime = "OpenVINO 1.8.1 in ONNX Runtime 1.32.0";
  agreement.processor = "avx2 amx_bf16";
  agreement.parity = *description.parity;
  agreement.parity.rel_max = 0.003;
  agreement.top1 = 0.75;
  const std::string text = description.json();
  const auto read = Description::parse(text);
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(read->json(), text);
  ASSERT_TRUE(read->agreement.has_value());
  EXPECT_EQ(read->agreement->precision, "bf16");
  EXPECT_EQ(read->agreement->parity.rel_max, 0.003);
  EXPECT_EQ(read->agreement->top1, 0.75);
  EXPECT_FALSE(read->agreement->top5.has_value());
  EXPECT_NE(text.find(R"("provider":"openvino")"), std::string::npos);
}

TEST(DescriptionTest, ReadsBackWhatItWrote) {
  const std::string text = sample().json();
  const auto read = Description::parse(text);
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(read->json(), text);
  EXPECT_EQ(read->files, sample().files);
  EXPECT_EQ(read->inputs, sample().inputs);
  EXPECT_EQ(read->outputs, sample().outputs);
  EXPECT_EQ(read->parity->rel_max, 1e-16);
}

TEST(DescriptionTest, TellsTheEndsOfANetwork) {
  Description description = sample();
  description.network = Description::Network{
      .inputs = {{.name = "data",
                  .type = data::Datatype::Fp32,
                  .shape = {engine::kAnyExtent, 3, 224},
                  .labels = {}},
                 {.name = "any", .type = data::Datatype::Bytes, .shape = {}, .any_rank = true}},
      .outputs = {{.name = "scalar", .type = data::Datatype::Int64, .shape = {}, .labels = {}}}};
  const std::string text = description.json();
  EXPECT_NE(text.find(R"("network":{"inputs":[{"datatype":"FP32","name":"data",)"
                      R"("shape":[null,3,224]},{"datatype":"BYTES","name":"any","shape":null}],)"
                      R"("outputs":[{"datatype":"INT64","name":"scalar","shape":[]}]})"),
            std::string::npos)
      << text;
  const auto read = Description::parse(text);
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(read->network, description.network);
  EXPECT_EQ(read->json(), text);
  // Those that were written before have none.
  EXPECT_FALSE(Description::parse(sample().json())->network.has_value());
}

TEST(DescriptionTest, AnInfiniteErrorStaysOne) {
  Description description = sample();
  description.parity->rel_max = std::numeric_limits<double>::infinity();
  const auto read = Description::parse(description.json());
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(read->parity->rel_max, std::numeric_limits<double>::infinity());
}

TEST(DescriptionTest, RefusesWhatIsNone) {
  for (const std::string text :
       {"", "[]", "{}", R"({"form":2})", R"({"form":1,"title":1})", R"({"form":1,"files":{}})",
        R"({"form":1,"files":[{"name":"a","digest":"sha256:12","size":1}]})",
        R"({"form":1,"inputs":[{"name":1}]})", R"({"form":1,"outputs":[1]})",
        R"({"form":1,"network":[]})", R"({"form":1,"network":{"inputs":[{"name":"a"}]}})",
        R"({"form":1,"network":{"inputs":[{"datatype":"FP32","shape":[-1]}]}})",
        R"({"form":1,"network":{"outputs":[{"datatype":"FP32","shape":1}]}})",
        R"({"form":1,"golden":[]})", R"({"form":1,"parity":{"rows":-1}})"}) {
    EXPECT_FALSE(Description::parse(text).ok()) << text;
  }
  EXPECT_EQ(Description::parse(R"({"form":1,"title":1})").error().message(),
            "version.json: file: expected a text as \"title\"");
}

}  // namespace
}  // namespace model
