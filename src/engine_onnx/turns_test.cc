#include "engine_onnx/turns.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace engine_onnx {
namespace {

TEST(TurnsTest, NoMoreAtOnceThanThereAre) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 200;
  Turns turns(3);
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kRounds; ++i) {
        const Turns::Turn turn = turns.take();
        const int now = ++inside;
        int seen = most.load();
        while (now > seen && !most.compare_exchange_weak(seen, now)) {
        }
        std::this_thread::yield();
        --inside;
      }
    });
  }
  for (std::thread& each : threads) each.join();
  EXPECT_LE(most.load(), 3);
  EXPECT_EQ(inside.load(), 0);
}

TEST(TurnsTest, WhoCameFirstGoesFirst) {
  Turns turns(1);
  std::vector<int> order;  // Under the turn.
  std::atomic<int> begun = 0;
  std::vector<std::thread> threads;
  {
    const Turns::Turn held = turns.take();
    for (int t = 0; t < 5; ++t) {
      threads.emplace_back([&, t] {
        ++begun;
        const Turns::Turn turn = turns.take();
        order.push_back(t);
      });
      while (begun.load() != t + 1) std::this_thread::yield();
      // Until it waits, too.
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
}

}  // namespace
}  // namespace engine_onnx
