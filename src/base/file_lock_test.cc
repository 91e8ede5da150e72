#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include <unistd.h>

#include <gtest/gtest.h>

#include "base/file.h"

namespace base {
namespace {

using std::chrono::milliseconds;

class FileLockTest : public testing::Test {
 protected:
  FileLockTest() {
    std::string name = testing::TempDir() + "lock.XXXXXX";
    root_ = ::mkdtemp(name.data());
  }
  ~FileLockTest() override { std::filesystem::remove_all(root_); }

  Result<FileLock> take(FileLock::Kind kind, milliseconds at_most) const {
    return FileLock::take(path(), kind, {.at_most = at_most, .on_wait = {}});
  }
  std::string path() const { return root_ + "/lock"; }

  std::string root_;
};

TEST_F(FileLockTest, ManyShareItAndOneHasItAlone) {
  {
    const auto first = take(FileLock::Kind::Shared, milliseconds(0));
    ASSERT_TRUE(first.ok());
    EXPECT_TRUE(take(FileLock::Kind::Shared, milliseconds(0)).ok());
    EXPECT_FALSE(take(FileLock::Kind::Exclusive, milliseconds(0)).ok());
  }
  const auto alone = take(FileLock::Kind::Exclusive, milliseconds(0));
  ASSERT_TRUE(alone.ok());
  EXPECT_FALSE(take(FileLock::Kind::Shared, milliseconds(0)).ok());
}

TEST_F(FileLockTest, WaitsNoLongerThanItIsToldAndSaysForWhom) {
  const auto held = take(FileLock::Kind::Exclusive, milliseconds(0));
  const auto refused = take(FileLock::Kind::Shared, milliseconds(20));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Code::Unavailable);
  const std::string& said = refused.error().message();
  EXPECT_TRUE(said.starts_with("\"" + path() + "\": expected it to be free within 0.02 s, got "))
      << said;
  EXPECT_TRUE(said.ends_with(" that holds it; try again when that has ended")) << said;
  // Where /proc can be read it is named.
  if (said.find("another process") == std::string::npos) {
    EXPECT_NE(said.find("process " + std::to_string(::getpid()) + " ("), std::string::npos) << said;
  }
}

TEST_F(FileLockTest, WhoWaitsIsToldOnceAndGetsItWhenItIsFree) {
  std::optional<Result<FileLock>> held = take(FileLock::Kind::Exclusive, milliseconds(0));
  int told = 0;
  const auto got = FileLock::take(path(), FileLock::Kind::Exclusive,
                                  {.at_most = kLockWait, .on_wait = [&](const std::string& who) {
                                     EXPECT_FALSE(who.empty());
                                     ++told;
                                     held.reset();
                                   }});
  EXPECT_TRUE(got.ok());
  EXPECT_EQ(told, 1);
}

TEST_F(FileLockTest, WhoDoesNotWaitGetsNothing) {
  const auto held = take(FileLock::Kind::Shared, milliseconds(0));
  const auto none = FileLock::try_take(path(), FileLock::Kind::Exclusive);
  ASSERT_TRUE(none.ok());
  EXPECT_FALSE(none->has_value());
  EXPECT_FALSE(FileLock::try_take(root_ + "/no/lock", FileLock::Kind::Exclusive).ok());
}

}  // namespace
}  // namespace base
