#include "forest/model_value.h"

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace forest {
namespace {

using namespace std::string_literals;

TEST(ModelValueTest, ReadsJson) {
  const auto document = parse_model_json(
      R"({"a": [1, -2.5, NaN, 1e-45], "b": {"c": "x\u00e9\n\"", "d": true}, "e": [], "f": ["u", null]})");
  ASSERT_TRUE(document.ok()) << document.error().message();
  const ModelValue& root = document->root;
  const auto floats = root.numbers<float>("a", 4);
  ASSERT_TRUE(floats.ok());
  EXPECT_EQ((*floats)[1], -2.5F);
  EXPECT_TRUE(std::isnan((*floats)[2]));
  EXPECT_EQ((*floats)[3], 1e-45F);
  EXPECT_EQ(root.find("b")->find("c")->text(), "x\xc3\xa9\n\"");
  EXPECT_EQ(root.find("b")->find("d")->number(), 1);
  EXPECT_EQ(root.numbers<int>("e", 0)->size(), 0U);
  EXPECT_EQ(root.find("f")->items()[1].kind(), ModelValue::Kind::Null);
  EXPECT_EQ(root.find("g"), nullptr);
}

TEST(ModelValueTest, ReadsUbjson) {
  const std::string bytes =
      "{L\0\0\0\0\0\0\0\1a[$d#L\0\0\0\0\0\0\0\2\x3f\x80\0\0\xc0\0\0\0i\1b[i\1I\0\2]i\1cSi\2hi}"s;
  const auto document = parse_model_ubjson(bytes);
  ASSERT_TRUE(document.ok()) << document.error().message();
  EXPECT_EQ(*document->root.numbers<float>("a", 2), (std::vector<float>{1, -2}));
  EXPECT_EQ(*document->root.numbers<std::int32_t>("b", 2), (std::vector<std::int32_t>{1, 2}));
  EXPECT_EQ(document->root.find("c")->text(), "hi");
}

TEST(ModelValueTest, RefusesWhatIsNoModel) {
  const auto refused = [](const auto& document) {
    return document.ok() ? "accepted" : document.error().message();
  };
  EXPECT_EQ(refused(parse_model_json("")), "byte 0: expected a value, got the end");
  EXPECT_EQ(refused(parse_model_json("{\"a\": 1} x")), "byte 9: expected the end, got \"x\"");
  EXPECT_EQ(refused(parse_model_json("[\"a\"")), "byte 4: expected \",\" or \"]\", got the end");
  EXPECT_EQ(refused(parse_model_json(std::string(40, '['))), "expected values at most 32 deep");
  EXPECT_EQ(refused(parse_model_ubjson(std::string(40, '['))), "expected values at most 32 deep");
  EXPECT_EQ(refused(parse_model_ubjson("[$d#L\x7f\xff\xff\xff\xff\xff\xff\xff"s)),
            "byte 13: expected a length within the file, got the end");
  const auto document = parse_model_json("[1, 300, 1.5]");
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(refused(document->root.numbers<std::uint8_t>()),
            "expected 3 numbers that fit, number 2 does not");
}

}  // namespace
}  // namespace forest
