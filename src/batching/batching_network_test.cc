#include "batching/batching_network.h"

#include <atomic>
#include <chrono>
#include <new>
#include <semaphore>
#include <thread>

#include <gtest/gtest.h>

#include "batching/test_rows.h"

namespace batching {
namespace {

using namespace std::chrono_literals;

// A network whose runs begin only when they are let.
struct Held {
  explicit Held(Bounds bounds)
      : network(std::make_unique<SumNetwork>([this](std::size_t rows) {
                  {
                    const std::lock_guard lock(mutex);
                    runs.push_back(rows);
                  }
                  ++begun;
                  let.acquire();
                }),
                bounds) {}

  void wait_until_begun(std::size_t count) const {
    while (begun < count) std::this_thread::sleep_for(100us);
  }
  void wait_until_waiting(std::size_t count) const {
    while (network.waiting() < count) std::this_thread::sleep_for(100us);
  }

  std::mutex mutex;
  std::vector<std::size_t> runs;  // The rows of each.
  std::atomic<std::size_t> begun = 0;
  std::counting_semaphore<> let{0};
  BatchingNetwork network;
};

TEST(BatchingNetworkTest, WhoWaitsIsTakenAlongByTheNextRun) {
  Held held({.rows_max = 8, .runs_max = 1});
  std::vector<Pairs> pairs;
  for (int i = 0; i < 5; ++i) pairs.emplace_back(std::vector<float>{static_cast<float>(i), 1});
  std::vector<std::jthread> callers;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    callers.emplace_back([&, i] { EXPECT_TRUE(pairs[i].ask(held.network).ok()); });
    i == 0 ? held.wait_until_begun(1) : held.wait_until_waiting(i);
  }
  held.let.release(2);
  callers.clear();
  EXPECT_EQ(held.runs, (std::vector<std::size_t>{1, 4}));
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    EXPECT_EQ(pairs[i].sums(), (std::vector<float>{static_cast<float>(i) + 1})) << i;
  }
}

TEST(BatchingNetworkTest, NoMoreAreTakenThanThereIsRoomFor) {
  Held held({.rows_max = 4, .runs_max = 1});
  std::vector<Pairs> pairs;
  pairs.emplace_back(std::vector<float>{1, 1});              // Runs at once.
  pairs.emplace_back(std::vector<float>{1, 1, 1, 1});        // Two rows, and room for two more.
  pairs.emplace_back(std::vector<float>{2, 1, 2, 1, 2, 1});  // Three do not fit.
  pairs.emplace_back(std::vector<float>{3, 1});
  pairs.emplace_back(std::vector<float>(12, 1.0F));  // Six are more than may be shared.
  std::vector<std::jthread> callers;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    callers.emplace_back([&, i] { EXPECT_TRUE(pairs[i].ask(held.network).ok()); });
    i == 0 ? held.wait_until_begun(1) : held.wait_until_waiting(i);
  }
  held.let.release(4);
  callers.clear();
  EXPECT_EQ(held.runs, (std::vector<std::size_t>{1, 3, 3, 6}));
  EXPECT_EQ(pairs[2].sums(), (std::vector<float>{3, 3, 3}));
  EXPECT_EQ(pairs[3].sums(), (std::vector<float>{4}));
}

TEST(BatchingNetworkTest, WhatDoesNotFitHasARunOfItsOwn) {
  Held held({.rows_max = 8, .runs_max = 1});
  Pairs first({1, 1});
  Pairs sums({2, 2});
  Pairs places({3, 3});
  std::vector<std::jthread> callers;
  callers.emplace_back([&] { EXPECT_TRUE(first.ask(held.network).ok()); });
  held.wait_until_begun(1);
  callers.emplace_back([&] { EXPECT_TRUE(sums.ask(held.network).ok()); });
  held.wait_until_waiting(1);
  callers.emplace_back([&] { EXPECT_TRUE(places.ask(held.network, {1}).ok()); });
  held.wait_until_waiting(2);
  held.let.release(3);
  callers.clear();
  EXPECT_EQ(held.runs, (std::vector<std::size_t>{1, 1, 1}));
}

TEST(BatchingNetworkTest, AsManyRunAtOnceAsMay) {
  Held held({.rows_max = 8, .runs_max = 2});
  Pairs first({1, 1});
  Pairs second({2, 2});
  Pairs third({3, 3});
  std::vector<std::jthread> callers;
  callers.emplace_back([&] { EXPECT_TRUE(first.ask(held.network).ok()); });
  callers.emplace_back([&] { EXPECT_TRUE(second.ask(held.network).ok()); });
  held.wait_until_begun(2);
  callers.emplace_back([&] { EXPECT_TRUE(third.ask(held.network).ok()); });
  held.wait_until_waiting(1);
  EXPECT_EQ(held.begun, 2U);
  held.let.release(3);
  callers.clear();
  EXPECT_EQ(third.sums(), (std::vector<float>{6}));
}

TEST(BatchingNetworkTest, NoneFailsForAnother) {
  Held held({.rows_max = 8, .runs_max = 1});
  Pairs first({1, 1});
  Pairs good({2, 2});
  Pairs bad({-1, 2});
  std::vector<std::jthread> callers;
  callers.emplace_back([&] { EXPECT_TRUE(first.ask(held.network).ok()); });
  held.wait_until_begun(1);
  callers.emplace_back([&] { EXPECT_TRUE(good.ask(held.network).ok()); });
  held.wait_until_waiting(1);
  callers.emplace_back([&] {
    const auto refused = bad.ask(held.network);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().message(), "expected none below 0");
  });
  held.wait_until_waiting(2);
  held.let.release(4);
  callers.clear();
  EXPECT_EQ(held.runs, (std::vector<std::size_t>{1, 2, 1, 1}));
  EXPECT_EQ(good.sums(), (std::vector<float>{4}));
}

TEST(BatchingNetworkTest, WhoWasTakenAlongByARunThatEndedHasNoAnswer) {
  std::atomic<int> begun = 0;
  std::binary_semaphore let{0};
  const BatchingNetwork network(std::make_unique<SumNetwork>([&](std::size_t rows) {
                                  if (rows > 1) throw std::bad_alloc();
                                  if (++begun == 1) let.acquire();
                                }),
                                {.rows_max = 8, .runs_max = 1});
  Pairs first({1, 1});
  Pairs leader({2, 2});
  Pairs follower({3, 3});
  std::jthread holds([&] { EXPECT_TRUE(first.ask(network).ok()); });
  while (begun < 1) std::this_thread::sleep_for(100us);
  std::jthread leads([&] { EXPECT_THROW(static_cast<void>(leader.ask(network)), std::bad_alloc); });
  while (network.waiting() < 1) std::this_thread::sleep_for(100us);
  std::jthread follows([&] {
    const auto ended = follower.ask(network);
    ASSERT_FALSE(ended.ok());
    EXPECT_EQ(ended.error().code(), base::Code::Internal);
  });
  while (network.waiting() < 2) std::this_thread::sleep_for(100us);
  let.release();
  for (std::jthread* each : {&holds, &leads, &follows}) each->join();
  // The next has a run again.
  Pairs next({4, 4});
  ASSERT_TRUE(next.ask(network).ok());
  EXPECT_EQ(next.sums(), (std::vector<float>{8}));
}

TEST(BatchingNetworkTest, WhatIsNoInputIsRefusedBeforeItWaits) {
  const BatchingNetwork network(std::make_unique<SumNetwork>(), {.rows_max = 8, .runs_max = 1});
  EXPECT_EQ(network.rows_max(), 8U);
  std::vector<engine::Tensor> results;
  const std::vector<std::int64_t> shape{1, 3};
  const std::string bytes(12, '\0');
  const engine::TensorView input{
      .type = data::Datatype::Fp32, .shape = shape, .bytes = bytes, .texts = {}};
  const std::size_t wanted = 0;
  const auto refused = network.run(std::span(&input, 1), std::span(&wanted, 1), results);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message(), "input \"pairs\": expected FP32[?,2], got FP32[1,3]");
}

TEST(BatchingNetworkTest, ManyCallersGetTheirOwnAnswers) {
  const BatchingNetwork network(std::make_unique<SumNetwork>(), {.rows_max = 4, .runs_max = 2});
  std::vector<std::jthread> callers;
  for (int t = 0; t < 8; ++t) {
    callers.emplace_back([&, t] {
      for (int i = 0; i < 500; ++i) {
        std::vector<float> numbers;
        for (int row = 0; row <= i % 3; ++row) {
          numbers.insert(numbers.end(),
                         {static_cast<float>(t * 1000 + i), static_cast<float>(row)});
        }
        Pairs pairs(numbers);
        ASSERT_TRUE(pairs.ask(network).ok());
        const std::vector<float> sums = pairs.sums();
        ASSERT_EQ(sums.size(), numbers.size() / 2);
        for (std::size_t row = 0; row < sums.size(); ++row) {
          ASSERT_EQ(sums[row], numbers[row * 2] + numbers[row * 2 + 1]);
        }
      }
    });
  }
}

}  // namespace
}  // namespace batching
