#include "net/body_memory.h"

#include <gtest/gtest.h>

namespace net {
namespace {

TEST(BodyMemoryTest, TakesUpToItsBoundAndNotAByteMore) {
  BodyMemory memory(100'000);
  BodyMemory::Share first(memory);
  BodyMemory::Share second(memory);
  EXPECT_TRUE(first.grow(60'000));
  EXPECT_TRUE(second.grow(40'000));
  EXPECT_FALSE(second.grow(40'001));
  EXPECT_EQ(memory.bytes(), 100'000U);
  // What it has it keeps, and less it may always hold.
  EXPECT_TRUE(second.grow(20'000));
  first.set(0);
  EXPECT_TRUE(second.grow(100'000));
  EXPECT_FALSE(first.grow(20'000));
}

TEST(BodyMemoryTest, LittleIsNotCounted) {
  BodyMemory memory(0);
  BodyMemory::Share share(memory);
  EXPECT_TRUE(share.grow(BodyMemory::Share::kUncounted));
  EXPECT_FALSE(share.grow(BodyMemory::Share::kUncounted + 1));
  EXPECT_EQ(memory.bytes(), 0U);
}

TEST(BodyMemoryTest, AnswersCountAndComeBackWithTheirHolder) {
  BodyMemory memory(100'000);
  {
    BodyMemory::Share share(memory);
    share.set(1'000'000);
    EXPECT_EQ(memory.bytes(), 1'000'000U);
    BodyMemory::Share other(memory);
    EXPECT_FALSE(other.grow(20'000));
    share.set(50'000);
    EXPECT_TRUE(other.grow(50'000));
  }
  EXPECT_EQ(memory.bytes(), 0U);
}

}  // namespace
}  // namespace net
