#include "engine_onnx/ort.h"

#include <gtest/gtest.h>

namespace engine_onnx {
namespace {

TEST(OrtTest, WritesAMessageOnOneLine) {
  EXPECT_EQ(one_line("Got:  1\n Expected: 2\n"), "Got: 1 Expected: 2");
  EXPECT_EQ(one_line("a\x1b[0m"), "a\\x1b[0m");
  EXPECT_EQ(one_line(""), "");
  EXPECT_EQ(one_line("/src/core/model.cc:245 a::Model::Model(b&&, const c<d()>&) Missing opset."),
            "Missing opset.");
  EXPECT_EQ(one_line("Exception: /src/text.cc:235 a::b::Locale(const string&) No locale"),
            "Exception: No locale");
  EXPECT_EQ(one_line("/src/text.cc:235 b(const string&"), "/src/text.cc:235 b(const string&");
  EXPECT_EQ(one_line("/tmp/lib.so: file too short"), "/tmp/lib.so: file too short");
  EXPECT_EQ(one_line(std::string(400, 'a').c_str()), std::string(400, 'a'));
  EXPECT_EQ(one_line((std::string(399, 'a') + "\xc3\xa9").c_str()), std::string(399, 'a') + "...");
}

}  // namespace
}  // namespace engine_onnx
