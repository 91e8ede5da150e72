#include "scorer/agreement.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "scorer/test_network.h"

namespace scorer {
namespace {

using engine::Precision;
using engine::Provider;
using testing::kTestRecipe;
using testing::TestFiles;
using testing::TestLoader;
using Placing = Scorer::Placing;
using Loaded = base::Result<std::shared_ptr<const Scorer>>;

const std::string kBf16 = "engine: {provider: openvino, precision: bf16, agreement: 0.02}\n";

Loaded load(const std::string& engine, Scorer::Options how, const TestLoader& loader) {
  how.networks = &loader;
  return Scorer::load(TestFiles({{"sooth.yaml", kTestRecipe + engine},
                                 {"model.onnx", "a network"},
                                 {"labels.txt", "7\tred\n8\tgreen\n9\tblue\n"}}),
                      "colours", how);
}

Golden golden_of(const Scorer& plain) {
  Sample sample;
  sample.examples.pictures = {testing::red_png(), testing::blue_png(), testing::grey_png()};
  auto golden = make_golden(plain, std::move(sample), "given");
  EXPECT_TRUE(golden.ok()) << golden.error().message();
  return golden.ok() ? *std::move(golden) : Golden{};
}

TEST(AgreementTest, NetworksAreRunPlainlyUnlessSomebodySaysOtherwise) {
  const TestLoader loader;
  const auto plain = load(kBf16, {}, loader);
  ASSERT_TRUE(plain.ok()) << plain.error().message();
  EXPECT_EQ((*plain)->placement().provider, Provider::Cpu);
  EXPECT_EQ((*plain)->placement().precision, Precision::Fp32);
  EXPECT_EQ((*plain)->fallback(), "");
  // What is not rounded has no right to the bound of what is.
  EXPECT_EQ((*plain)->replay_tolerance(), 1e-4);
  const auto said = load(kBf16, {.placing = Placing::AsSaid}, loader);
  ASSERT_TRUE(said.ok()) << said.error().message();
  EXPECT_EQ((*said)->placement().provider, Provider::OpenVino);
  EXPECT_EQ((*said)->placement().precision, Precision::Bf16);
  EXPECT_EQ((*said)->replay_tolerance(), 0.02);
}

TEST(AgreementTest, WhereAProviderCannotBeHadThePlainOneAnswers) {
  const TestLoader loader({.alone = true});
  const auto refused = load(kBf16, {.placing = Placing::AsSaid}, loader);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message(), "no such provider here");
  const auto instead = load(kBf16, {.placing = Placing::OrPlain}, loader);
  ASSERT_TRUE(instead.ok()) << instead.error().message();
  EXPECT_EQ((*instead)->placement().provider, Provider::Cpu);
  EXPECT_EQ((*instead)->fallback(), "no such provider here");
  // Nothing is fallen back from where nothing else was asked for.
  const auto plain = load("", {.placing = Placing::OrPlain}, loader);
  ASSERT_TRUE(plain.ok()) << plain.error().message();
  EXPECT_EQ((*plain)->fallback(), "");
}

TEST(AgreementTest, IsMeasured) {
  const TestLoader loader({.drift = 0.01});
  const auto plain = load(kBf16, {}, loader);
  const auto other = load(kBf16, {.placing = Placing::AsSaid}, loader);
  ASSERT_TRUE(plain.ok() && other.ok());
  const auto measured = measure_agreement(**other, golden_of(**plain));
  ASSERT_TRUE(measured.ok()) << measured.error().message();
  EXPECT_EQ(measured->provider, "openvino");
  EXPECT_EQ(measured->precision, "bf16");
  EXPECT_EQ(measured->runtime, "test");
  EXPECT_EQ(measured->processor, "abacus");
  EXPECT_EQ(measured->parity.rows, 3U);
  EXPECT_EQ(measured->parity.values, 9U);
  EXPECT_GT(measured->parity.rel_max, 1e-4);
  EXPECT_LT(measured->parity.rel_max, 0.02);
  EXPECT_EQ(measured->parity.tolerance, 0.02);
  EXPECT_EQ(measured->top1, 1.0);
  EXPECT_EQ(measured->top5, 1.0);
  EXPECT_EQ(disagreement(*measured), "");
}

TEST(AgreementTest, BeyondTheBoundIsSaid) {
  const TestLoader loader({.drift = -2});
  const auto plain = load(kBf16, {}, loader);
  const auto other = load(kBf16, {.placing = Placing::AsSaid}, loader);
  ASSERT_TRUE(plain.ok() && other.ok());
  const auto measured = measure_agreement(**other, golden_of(**plain));
  ASSERT_TRUE(measured.ok()) << measured.error().message();
  EXPECT_EQ(disagreement(*measured),
            "openvino in bf16: the answers to row 0, image column \"7\" are 0.956 apart, expected "
            "at most 0.02");
  // Of the grey one all are alike.
  ASSERT_TRUE(measured->top1.has_value());
  EXPECT_NEAR(*measured->top1, 1.0 / 3, 1e-9);
}

TEST(AgreementTest, AnswersThatAreMissingAreNoAgreement) {
  const TestLoader loader;
  const auto plain = load("", {}, loader);
  ASSERT_TRUE(plain.ok());
  Golden golden = golden_of(**plain);
  golden.answers.front().method = "other";
  const auto measured = measure_agreement(**plain, golden);
  ASSERT_FALSE(measured.ok());
  EXPECT_EQ(measured.error().message(), "expected answers of other, got none");
}

}  // namespace
}  // namespace scorer
