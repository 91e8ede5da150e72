#include "base/named_hash.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace base {
namespace {

std::string hex_of(const NamedHash& hash, std::string_view text, NamedHash::Scratch& scratch) {
  std::string hex;
  for (const unsigned byte : hash.digest(text, scratch)) {
    hex += "0123456789abcdef"[byte / 16];
    hex += "0123456789abcdef"[byte % 16];
  }
  return hex;
}

// RFC 1321 and FIPS 180-4.
TEST(NamedHash, HashesOneTextAfterAnother) {
  const auto md5 = NamedHash::find("md5");
  ASSERT_TRUE(md5.ok());
  NamedHash::Scratch scratch(*md5);
  EXPECT_EQ(hex_of(*md5, "abc", scratch), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(hex_of(*md5, "", scratch), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(hex_of(*md5, "abc", scratch), "900150983cd24fb0d6963f7d28e17f72");
  const auto sha1 = NamedHash::find("sha1");
  ASSERT_TRUE(sha1.ok());
  NamedHash::Scratch another(*sha1);
  EXPECT_EQ(hex_of(*sha1, "abc", another), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST(NamedHash, RefusesOthers) {
  for (const char* name : {"", "crc32", "shake_128", "MD5"}) {
    const auto hash = NamedHash::find(name);
    ASSERT_FALSE(hash.ok()) << name;
    EXPECT_EQ(hash.error().code(), Code::Unsupported);
    EXPECT_NE(hash.error().message().find(quote(name)), std::string::npos);
  }
}

}  // namespace
}  // namespace base
