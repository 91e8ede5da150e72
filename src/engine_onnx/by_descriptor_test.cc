#include "engine_onnx/by_descriptor.h"

#include <gtest/gtest.h>

#include "engine_onnx/test_onnx.h"

namespace engine_onnx {
namespace {

// The weights "w", 4 bytes after the beginning of w.bin, which lies in an open file.
struct Weights {
  const char* offset = "4";
  base::FilePart part = {.descriptor = 7, .offset = 4};
};

std::optional<std::string> named(const Weights& one) {
  const TestMessage w = test_external(test_tensor("w", kFloat, {2}), "w.bin", one.offset, "8");
  const std::string bytes = test_model(adding_graph(w)).bytes();
  const auto file = OnnxFile::read(base::as_bytes(bytes), {});
  EXPECT_TRUE(file.ok());
  const ExternalFile external[] = {
      {.location = "w.bin", .held = {.bytes = {}, .holder = nullptr, .part = one.part}}};
  return name_by_descriptor(base::as_bytes(bytes), *file, external);
}

TEST(ByDescriptorTest, NamesFilesByTheirDescriptors) {
  const auto model = named({});
  ASSERT_TRUE(model.has_value());
  const auto file = OnnxFile::read(base::as_bytes(*model), {});
  ASSERT_TRUE(file.ok()) << file.error().message();
  ASSERT_EQ(file->external().size(), 1U);
  const ExternalData& data = file->external()[0];
  EXPECT_EQ(data.tensor, "w");
  EXPECT_EQ(data.location, "proc/self/fd/7");
  EXPECT_EQ(data.offset, 8U);
  EXPECT_EQ(data.length, 8U);
  EXPECT_EQ(file->inputs()->at(0).name, "x");
  EXPECT_EQ(file->nodes(), 1U);
}

TEST(ByDescriptorTest, NamesNothingThatIsNotOpenOrNotAligned) {
  EXPECT_FALSE(named({.part = {.descriptor = -1, .offset = 4}}).has_value());
  EXPECT_FALSE(named({.part = {.descriptor = 7, .offset = 5}}).has_value());
  EXPECT_FALSE(named({.offset = "8"}).has_value());
}

TEST(ByDescriptorTest, LeavesAModelAloneThatHasItsWeights) {
  const std::string bytes = test_model(adding_graph()).bytes();
  const auto file = OnnxFile::read(base::as_bytes(bytes), {});
  ASSERT_TRUE(file.ok());
  EXPECT_FALSE(name_by_descriptor(base::as_bytes(bytes), *file, {}).has_value());
}

}  // namespace
}  // namespace engine_onnx
