#include "publish/agreement.h"

#include <string>

#include <gtest/gtest.h>

#include "engine_onnx/test_onnx.h"
#include "publish/test_workspace.h"
#include "scorer/test_network.h"

namespace publish {
namespace {

using base::Code;
using scorer::testing::TestLoader;

class AgreementVersionsTest : public PublishTest {
 protected:
  Registration colours(const TestLoader& loader) const {
    write("m/sooth.yaml",
          scorer::testing::kTestRecipe + "engine: {provider: openvino, agreement: 0.01}\n");
    write("m/labels.txt", "7\tred\n8\tgreen\n9\tblue\n");
    write("m/model.onnx", engine_onnx::test_model(engine_onnx::adding_graph()).bytes());
    return {.path = path("m"), .networks = &loader};
  }
};

TEST_F(AgreementVersionsTest, IsPartOfTheVersion) {
  const TestLoader loader({.drift = 1e-3});
  const Registered registered = must_register(colours(loader));
  const auto& agreement = registered.description.agreement;
  ASSERT_TRUE(agreement.has_value());
  EXPECT_EQ(agreement->provider, "openvino");
  EXPECT_EQ(agreement->precision, "fp32");
  EXPECT_EQ(agreement->processor, "abacus");
  EXPECT_EQ(agreement->parity.rows, 4U);
  EXPECT_GT(agreement->parity.rel_max, 0);
  EXPECT_EQ(agreement->parity.tolerance, 0.01);
  EXPECT_TRUE(agreement->top1.has_value());
  // The golden rows are the plain kernels', to the bit.
  const auto files = VersionFiles::open(workspace_->layout(), registered.version.digest);
  ASSERT_TRUE(files.ok());
  const auto plain = scorer::Scorer::load(**files, "colours", {.networks = &loader});
  ASSERT_TRUE(plain.ok());
  EXPECT_TRUE(scorer::replay(**plain, *read_golden(**files), 0).ok());
}

TEST_F(AgreementVersionsTest, BeyondTheBoundNothingIsRegistered) {
  const TestLoader loader({.drift = 40});
  const auto refused = try_register(colours(loader));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Code::Conflict);
  const std::string& message = refused.error().message();
  EXPECT_TRUE(
      message.starts_with("agreement with the runtime's own kernels: openvino in fp32: the "
                          "answers to row "))
      << message;
  EXPECT_NE(message.find("expected at most 0.01; of 4 pictures "), std::string::npos) << message;
  EXPECT_TRUE(message.ends_with("; not registered")) << message;
  EXPECT_EQ(version_count(), 0U);
}

TEST_F(AgreementVersionsTest, WhatCannotBeMeasuredIsNotRegistered) {
  const TestLoader loader({.alone = true});
  const auto refused = try_register(colours(loader));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message(), "agreement cannot be measured here: no such provider here");
  EXPECT_EQ(version_count(), 0U);
}

}  // namespace
}  // namespace publish
