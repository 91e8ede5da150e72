#include "base/digest.h"

#include <string>

#include <gtest/gtest.h>

namespace base {
namespace {

// FIPS 180-2, appendix B.
constexpr std::string_view kAbc =
    "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr std::string_view kNothing =
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

TEST(DigestTest, IsTheSha256OfTheBytes) {
  EXPECT_EQ(Digest::of("abc").text(), kAbc);
  EXPECT_EQ(Digest::of("").text(), kNothing);
}

TEST(DigestTest, PartsHashAsTheWhole) {
  Hasher hasher;
  hasher.update("a");
  hasher.update("");
  hasher.update("bc");
  EXPECT_EQ(hasher.finish().text(), kAbc);
}

TEST(DigestTest, AHasherStartsAnewAfterFinish) {
  Hasher hasher;
  hasher.update("something else");
  static_cast<void>(hasher.finish());
  EXPECT_EQ(hasher.finish().text(), kNothing);
  Hasher moved = std::move(hasher);
  moved.update("abc");
  EXPECT_EQ(moved.finish().text(), kAbc);
}

TEST(DigestTest, TextReadsBack) {
  const auto digest = Digest::parse(kAbc);
  ASSERT_TRUE(digest.ok());
  EXPECT_EQ(*digest, Digest::of("abc"));
  EXPECT_EQ(digest->hex(), kAbc.substr(7));
}

TEST(DigestTest, RefusesEverythingElse) {
  const std::string hex(kAbc.substr(7));
  for (const std::string& text :
       {std::string(), std::string("sha256:"), hex, "sha512:" + hex, "sha256:" + hex + "0",
        "sha256:" + hex.substr(1), "sha256:" + std::string(64, 'A'), "SHA256:" + hex,
        "sha256:../" + hex.substr(3)}) {
    EXPECT_FALSE(Digest::parse(text).ok()) << text;
  }
  EXPECT_EQ(Digest::parse("sha256:12").error().message(),
            "digest \"sha256:12\": expected \"sha256:\" and 64 of 0-9a-f");
}

}  // namespace
}  // namespace base
