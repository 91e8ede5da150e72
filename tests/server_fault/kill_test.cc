// A server that is killed while it answers, again and again: what a client got whole is right.

#include <atomic>
#include <chrono>
#include <iostream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "served.h"

namespace server_fault {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kClients = 4;

// Asks without pause, over connections that it keeps as long as they live.
class Clients {
 public:
  Clients(std::uint16_t port, const std::vector<std::string>& right) : right_(right) {
    for (int i = 0; i < kClients; ++i) {
      threads_.emplace_back([this, port, i] { work(port, i); });
    }
  }
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;
  ~Clients() { stopping_ = true; }

  int answered() const { return answered_; }
  int lost() const { return lost_; }
  int wrong() const { return wrong_; }

 private:
  void work(std::uint16_t port, int first) {
    for (int number = first; !stopping_;) {
      auto socket = connect(port);
      while (socket && !stopping_) {
        number = (number + 1) % kRequests;
        const auto deadline = steady_clock::now() + std::chrono::seconds(60);
        if (!socket->send(request(number), deadline).ok()) break;
        const auto answer = read_answer(*socket);
        if (!answer) {
          ++lost_;
          break;
        }
        const bool right =
            answer->status == 200 && answer->body == right_[static_cast<std::size_t>(number)];
        ++(right ? answered_ : wrong_);
      }
    }
  }

  const std::vector<std::string>& right_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> answered_ = 0;
  std::atomic<int> lost_ = 0;
  std::atomic<int> wrong_ = 0;
  std::vector<std::jthread> threads_;
};

TEST(KillTest, WhatAClientGotWholeIsRight) {
  const int kills = wants_all() ? 1000 : 50;
  Served served({.arguments = {"--threads", "2"}});
  const auto right = right_answers(served.port());
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): each run the same.
  int restarted = 0;
  {
    Clients clients(served.port(), right);
    for (int i = 0; i < kills; ++i) {
      // Not before it has answered somebody, so that each is killed at work.
      const int before = clients.answered();
      const auto limit = steady_clock::now() + std::chrono::seconds(60);
      while (clients.answered() == before && steady_clock::now() < limit) std::this_thread::yield();
      ASSERT_GT(clients.answered(), before) << "nobody is answered after kill " << i;
      std::this_thread::sleep_for(milliseconds(random() % 20));
      served.kill();
      served.start();
      ++restarted;
    }
    const int before = clients.answered();
    while (clients.answered() < before + 100) std::this_thread::yield();
    EXPECT_EQ(clients.wrong(), 0);
    // Each kill costs what was in flight, and no more.
    EXPECT_LE(clients.lost(), kills * kClients);
    std::cout << "kills " << restarted << ", answered " << clients.answered() << ", lost "
              << clients.lost() << ", wrong " << clients.wrong() << "\n";
  }
  EXPECT_EQ(right_answers(served.port()), right);
  EXPECT_EQ(served.stop(), 0);
}

}  // namespace
}  // namespace server_fault
