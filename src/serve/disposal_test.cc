#include "serve/disposal.h"

#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "serve/test_source.h"
#include "threads/test_time.h"

namespace serve {
namespace {

using Scorer = std::shared_ptr<const scorer::Scorer>;

std::unique_ptr<const Deployment> deployment_of(const Scorer& scorer) {
  return std::make_unique<const Deployment>("faq", "1", scorer);
}

// Whether nobody but the caller has it any more, soon.
bool is_freed(const Scorer& scorer) {
  const auto until = std::chrono::steady_clock::now() + threads::kLong;
  while (scorer.use_count() > 1 && std::chrono::steady_clock::now() < until) {
    std::this_thread::yield();
  }
  return scorer.use_count() == 1;
}

TEST(DisposalTest, FreesWhatNobodyUses) {
  const Scorer scorer = [] { return two_scorers()[0]; }();
  const auto disposal = *Disposal::start();
  auto first = disposal->keep(deployment_of(scorer));
  auto second = first;
  first.reset();
  EXPECT_EQ(scorer.use_count(), 2);
  second.reset();
  EXPECT_TRUE(is_freed(scorer));
}

TEST(DisposalTest, WhatOutlivesItIsFreedWhereItIsLetGo) {
  const Scorer scorer = [] { return two_scorers()[0]; }();
  auto disposal = *Disposal::start();
  auto deployment = disposal->keep(deployment_of(scorer));
  disposal.reset();
  deployment.reset();
  EXPECT_EQ(scorer.use_count(), 1);
}

TEST(DisposalTest, TakesFromManyThreads) {
  const Scorer scorer = [] { return two_scorers()[0]; }();
  const auto disposal = *Disposal::start();
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) disposal->keep(deployment_of(scorer)).reset();
    });
  }
  threads.clear();
  EXPECT_TRUE(is_freed(scorer));
}

}  // namespace
}  // namespace serve
