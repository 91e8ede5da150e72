#include "engine_onnx/work_thread.h"

#include <thread>

#include <sys/resource.h>

#include <gtest/gtest.h>

namespace engine_onnx {
namespace {

int niceness() { return ::getpriority(PRIO_PROCESS, 0); }

TEST(WorkThreadTest, WhatItStartsGivesWay) {
  const int own = niceness();
  int within = own;
  const auto ran = run_on_work_thread([&]() -> base::Result<void> {
    std::thread([&] { within = niceness(); }).join();
    return {};
  });
  EXPECT_TRUE(ran.ok());
  EXPECT_GE(within, own);
  if (own < 15) {
    EXPECT_GT(within, own);
  }
  EXPECT_EQ(niceness(), own);
}

TEST(WorkThreadTest, NobodyGivesWayTwice) {
  int before = 0;
  int within = 0;
  std::thread([&] {
    ::setpriority(PRIO_PROCESS, 0, 12);
    before = niceness();
    EXPECT_TRUE(run_on_work_thread([&]() -> base::Result<void> {
                  within = niceness();
                  return {};
                }).ok());
  }).join();
  EXPECT_EQ(within, before);
}

TEST(WorkThreadTest, PassesOnWhatWentWrong) {
  const auto ran = run_on_work_thread(
      []() -> base::Result<void> { return base::Error(base::Code::Corrupt, "no"); });
  ASSERT_FALSE(ran.ok());
  EXPECT_EQ(ran.error().message(), "no");
}

}  // namespace
}  // namespace engine_onnx
