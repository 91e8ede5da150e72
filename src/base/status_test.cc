#include "base/status.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(StatusTest, EveryCodeHasItsOwnRow) {
  for (int i = 0; i <= static_cast<int>(Code::Internal); ++i) {
    const auto code = static_cast<Code>(i);
    EXPECT_EQ(status_of(code).code, code);
    EXPECT_NE(code_name(code), "unknown");
  }
}

TEST(StatusTest, SaysWhatEachWireCallsIt) {
  const Status& invalid = status_of(Code::Invalid);
  EXPECT_EQ(invalid.http, 400);
  EXPECT_EQ(invalid.grpc_name, "INVALID_ARGUMENT");
  EXPECT_EQ(invalid.exit, 2);
  EXPECT_EQ(status_of(Code::Exhausted).http, 429);
  EXPECT_EQ(status_of(Code::Unsupported).exit, 9);
}

}  // namespace
}  // namespace base
