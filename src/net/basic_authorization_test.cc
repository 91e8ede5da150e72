#include "net/basic_authorization.h"

#include <gtest/gtest.h>

namespace net {
namespace {

TEST(BasicAuthorizationTest, MakesCredentials) {
  EXPECT_EQ(basic_authorization("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

}  // namespace
}  // namespace net
