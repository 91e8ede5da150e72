#include "auth/base64url.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace auth {
namespace {

TEST(Base64UrlTest, BytesHaveOneText) {
  const struct {
    std::string bytes;
    std::string_view text;
  } cases[] = {{"", ""},
               {"f", "Zg"},
               {"fo", "Zm8"},
               {"foo", "Zm9v"},
               {"foobar", "Zm9vYmFy"},
               {std::string("\xFB\xFF\x00", 3), "-_8A"}};
  for (const auto& c : cases) {
    EXPECT_EQ(base64url_encode(c.bytes), c.text);
    EXPECT_EQ(base64url_decode(c.text), c.bytes);
  }
}

TEST(Base64UrlTest, EveryOtherTextIsRefused) {
  for (const std::string_view text : {"Z", "Zg==", "Zg=", "Zh", "Zm9", "Zm8v+w", "-/8A", "+_8A",
                                      "Zm9v\n", " Zm9v", "Zm9vYmFyZ", "Z\xC3\xA9"}) {
    EXPECT_FALSE(base64url_decode(text)) << text;
  }
  EXPECT_FALSE(base64url_decode(std::string_view("Zm\0v", 4)));
}

TEST(Base64UrlTest, AllBytesComeBack) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    EXPECT_EQ(base64url_decode(base64url_encode(bytes)), bytes);
    bytes += static_cast<char>(i * 37);
  }
}

}  // namespace
}  // namespace auth
