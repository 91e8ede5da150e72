#include "front/urgency.h"

#include <gtest/gtest.h>

namespace front {
namespace {

TEST(UrgencyTest, IsLowForWhoSaysSo) {
  const struct {
    const char* field;
    bool low;
  } cases[] = {
      {"u=5", true},        {"u=7", true},      {"u=5, i", true},   {"i,u=6", true},
      {"u=6;x=1", true},    {"i, \tu=5", true}, {"u=1, u=5", true}, {"u=5, u=1", false},
      {"u=3", false},       {"u=0", false},     {"u=8", false},     {"u=55", false},
      {"u=-5", false},      {"u=", false},      {"u", false},       {"", false},
      {"urgency=5", false}, {"i", false},       {",,,", false},     {"U=5", false},
  };
  for (const auto& c : cases) {
    net::RequestHead head;
    head.headers.push_back({"Priority", c.field});
    EXPECT_EQ(priority_of(head) == serve::Priority::Low, c.low) << c.field;
  }
  EXPECT_EQ(priority_of(net::RequestHead()), serve::Priority::Normal);
}

}  // namespace
}  // namespace front
