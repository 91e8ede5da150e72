#include "engine_onnx/wheel.h"

#include <gtest/gtest.h>

namespace engine_onnx {
namespace {

// The digest of nothing.
constexpr std::string_view kNothing = "sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";

std::string line(std::string_view path) {
  return std::string(path) + "," + std::string(kNothing) + ",0\n";
}

TEST(WheelTest, ReadsARecord) {
  const auto record =
      parse_record(line("a/b.so") + "x.dist-info/RECORD,,\r\n" + line("\"a,\"\"b\"\".so\"") + "\n");
  ASSERT_TRUE(record.ok()) << record.error().message();
  ASSERT_EQ(record->size(), 2U);
  EXPECT_EQ((*record)[0].path, "a/b.so");
  EXPECT_EQ((*record)[0].digest, base::Digest::of(""));
  EXPECT_EQ((*record)[1].path, "a,\"b\".so");
}

TEST(WheelTest, RefusesWhatIsNoRecord) {
  const std::string lines[] = {"a.so",
                               ",",
                               "a.so,0",
                               "a.so,md5=abc,0",
                               "a.so,sha256=abc,0",
                               line("/etc/passwd"),
                               line("../a.so"),
                               line("\"a.so"),
                               line("\"a\"b\"")};
  for (const std::string& each : lines) {
    const auto record = parse_record(each);
    ASSERT_FALSE(record.ok()) << each;
    EXPECT_TRUE(
        record.error().message().starts_with("RECORD: expected PATH,sha256=DIGEST,SIZE, got \""))
        << each;
  }
}

TEST(WheelTest, BoundsTheFilesOfARecord) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += line("a");
  EXPECT_EQ(parse_record(text)->size(), 10'000U);
  EXPECT_EQ(parse_record(text + line("a")).error().message(),
            "RECORD: expected at most 10000 files, got more");
}

TEST(WheelTest, ChoosesWhatARuntimeNeeds) {
  const WheelPlan& plan = wheel_plans().front();
  const auto record =
      parse_record(line("onnxruntime/capi/libonnxruntime.so.1.32.0") + line("onnxruntime/LICENSE") +
                   line("onnxruntime/ThirdPartyNotices.txt") + line("onnxruntime/__init__.py") +
                   line("onnxruntime/capi/libonnxruntime.so.1/other"));
  const auto chosen = choose_files(plan, *record);
  ASSERT_TRUE(chosen.ok());
  ASSERT_EQ(chosen->size(), 3U);
  EXPECT_EQ((*chosen)[0].path, "onnxruntime/capi/libonnxruntime.so.1.32.0");
  const auto other = parse_record(line("onnxruntime/LICENSE"));
  EXPECT_EQ(choose_files(plan, *other).error().message(),
            "expected a wheel of onnxruntime with onnxruntime/capi/libonnxruntime.so.1*, got one "
            "without");
}

}  // namespace
}  // namespace engine_onnx
