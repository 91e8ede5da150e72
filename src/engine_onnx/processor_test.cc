#include "engine_onnx/processor.h"

#include <gtest/gtest.h>

namespace engine_onnx {
namespace {

TEST(ProcessorTest, TakesWhatMattersOfItsFlags) {
  EXPECT_EQ(processor_features("processor\t: 0\nflags\t\t: fpu sse amx_int8 avx2 avx512f\n"
                               "flags\t\t: avx512_bf16\n"),
            "avx2 avx512f amx_int8");
  EXPECT_EQ(processor_features("Features\t: fp asimd asimddp bf16"), "asimddp bf16");
  EXPECT_EQ(processor_features("flags : avx2x"), "");
  EXPECT_EQ(processor_features("flags"), "");
  EXPECT_EQ(processor_features(""), "");
}

}  // namespace
}  // namespace engine_onnx
