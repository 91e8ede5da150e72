#include "image/ld_cache.h"

#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "base/file.h"

namespace image {
namespace {

std::string number(std::uint32_t value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string entry(std::uint32_t name, std::uint32_t path, std::uint32_t features = 0) {
  return number(0x303) + number(name) + number(path) + number(0) + number(0) + number(features);
}

std::string cache(std::uint32_t count, const std::string& rest) {
  return "glibc-ld.so.cache1.1" + number(count) + std::string(24, '\0') + rest;
}

TEST(LdCacheTest, SaysWhereNamesAreWithoutThoseForParticularProcessors) {
  const std::string texts("libz.so.1\0/lib/libz.so.1\0/opt/libz.so.1\0", 41);
  const std::uint32_t at = 48 + 3 * 24;
  const std::string file =
      cache(3, entry(at, at + 10, 2) + entry(at, at + 25) + entry(at, at + 10) + texts);
  const auto read = parse_ld_cache(base::as_bytes(file));
  ASSERT_TRUE(read.ok()) << read.error().message();
  ASSERT_EQ(read->size(), 1U);
  EXPECT_EQ(read->at("libz.so.1"), (std::vector<std::string>{"/opt/libz.so.1", "/lib/libz.so.1"}));
}

TEST(LdCacheTest, RefusesDamage) {
  EXPECT_EQ(parse_ld_cache({}).error().message(),
            "ld.so.cache: expected \"glibc-ld.so.cache1.1\" in front");
  EXPECT_EQ(parse_ld_cache(base::as_bytes("ld.so-1.7.0")).error().code(), base::Code::Unsupported);
  EXPECT_EQ(parse_ld_cache(base::as_bytes(cache(1, ""))).error().message(),
            "ld.so.cache: expected all entries");
  EXPECT_FALSE(parse_ld_cache(base::as_bytes(cache(~0U, entry(0, 0)))).ok());
  EXPECT_FALSE(parse_ld_cache(base::as_bytes(cache(1, entry(72, 72) + "text"))).ok());
  EXPECT_FALSE(parse_ld_cache(base::as_bytes(cache(1, entry(0, ~0U)))).ok());
  EXPECT_FALSE(parse_ld_cache(base::as_bytes(std::string("glibc-ld.so.cache1.1\1", 21))).ok());
  EXPECT_TRUE(parse_ld_cache(base::as_bytes(cache(0, ""))).ok());
}

TEST(LdCacheTest, ReadsTheCacheOfThisMachine) {
  const auto file = base::MappedFile::open("/etc/ld.so.cache", 1U << 26U);
  if (!file.ok()) GTEST_SKIP() << "no /etc/ld.so.cache";
  const auto read = parse_ld_cache((*file)->bytes());
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(read->count("libc.so.6"), 1U);
}

}  // namespace
}  // namespace image
