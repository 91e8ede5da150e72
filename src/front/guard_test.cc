#include "front/guard.h"

#include <string_view>

#include <gtest/gtest.h>

namespace front {
namespace {

constexpr std::string_view kKey =
    "sooth_abcdefghijklmnop.adgjmpsvy36behknqtwz47cfilorux25adgjmpsvy36behknqtwz.41eb3c4d";

TEST(CallerTest, IsTheKeyElseTheCertificate) {
  net::RequestHead head;
  EXPECT_EQ(caller_of(head, ""), "");
  EXPECT_EQ(caller_of(head, "shop"), "certificate/shop");
  head.headers = {{"x-api-key", kKey}};
  EXPECT_EQ(caller_of(head, ""), "abcdefghijklmnop");
  EXPECT_EQ(caller_of(head, "shop"), "abcdefghijklmnop");
  head.headers = {{"x-api-key", "neither key nor token"}};
  EXPECT_EQ(caller_of(head, "shop"), "certificate/shop");
}

}  // namespace
}  // namespace front
