#include "front/content_coding.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

namespace front {
namespace {

std::string text_of(std::size_t bytes) {
  std::string text;
  std::minstd_rand random(1);
  while (text.size() < bytes) text += std::to_string(random()) + ",";
  return text;
}

TEST(ContentCodingTest, WhatWasPackedIsUnpacked) {
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{10}, std::size_t{1} << 20U}) {
    const std::string text = text_of(bytes);
    for (const Coding coding : {Coding::Gzip, Coding::Zstd}) {
      std::string out = "before";
      const auto unpacked = unpack(coding, pack(coding, text), {}, 64, out);
      ASSERT_TRUE(unpacked.ok()) << unpacked.error().message();
      EXPECT_EQ(out, text);
      EXPECT_GE(out.capacity(), out.size() + 64);
    }
  }
}

TEST(ContentCodingTest, ABombIsCutOffAtItsLimit) {
  const std::string zeros(8 << 20, '\0');
  for (const Coding coding : {Coding::Gzip, Coding::Zstd}) {
    const std::string packed = pack(coding, zeros);
    const UnpackLimits limits;
    const std::uint64_t limit = limits.of(packed.size());
    EXPECT_LT(limit, zeros.size());
    std::string out;
    const auto unpacked = unpack(coding, packed, limits, 0, out);
    ASSERT_FALSE(unpacked.ok());
    EXPECT_EQ(unpacked.error().code(), base::Code::Exhausted);
    EXPECT_LE(out.capacity(), 2 * limit + (64 << 10));
  }
}

TEST(ContentCodingTest, WhatIsBrokenIsRefused) {
  for (const Coding coding : {Coding::Gzip, Coding::Zstd}) {
    const std::string packed = pack(coding, text_of(1000));
    std::string out;
    for (std::size_t size = 0; size < packed.size(); ++size) {
      EXPECT_FALSE(unpack(coding, packed.substr(0, size), {}, 0, out).ok()) << size;
    }
    EXPECT_FALSE(unpack(coding, packed + "x", {}, 0, out).ok());
    EXPECT_FALSE(unpack(coding, "not packed at all", {}, 0, out).ok());
  }
}

TEST(ContentCodingTest, FieldsAsClientsWriteThem) {
  EXPECT_EQ(find_coding(""), Coding::Identity);
  EXPECT_EQ(find_coding(" GZip "), Coding::Gzip);
  EXPECT_EQ(find_coding("deflate"), Coding::Deflate);
  EXPECT_EQ(find_coding("br"), std::nullopt);
  EXPECT_EQ(find_coding("gzip, gzip"), std::nullopt);
  EXPECT_EQ(accepted_coding("gzip, deflate, br, zstd"), Coding::Zstd);
  EXPECT_EQ(accepted_coding("gzip;q=1.0, identity; q=0.5"), Coding::Gzip);
  EXPECT_EQ(accepted_coding("gzip;q=0"), Coding::Identity);
  EXPECT_EQ(accepted_coding("zstd;q=0.000,gzip;q=0.1"), Coding::Gzip);
  EXPECT_EQ(accepted_coding("*"), Coding::Identity);
  EXPECT_EQ(accepted_coding(",,;"), Coding::Identity);
}

}  // namespace
}  // namespace front
