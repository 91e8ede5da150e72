// More connections than the process may open files.

#include <chrono>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "served.h"

namespace server_fault {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

class FilesTest : public ::testing::TestWithParam<int> {};

TEST_P(FilesTest, AnswersWhomItTakesAndRecovers) {
  const int files = GetParam();
  Served served({.arguments = {"--threads", "2"}, .limits = {"--nofile=" + std::to_string(files)}});
  const auto right = right_answers(served.port());
  const auto deadline = [] { return steady_clock::now() + std::chrono::seconds(60); };
  int answered = 0;
  int refused = 0;
  {
    std::vector<net::BlockingSocket> held;
    for (int i = 0; i < 2 * files; ++i) {
      auto socket = connect(served.port());
      ASSERT_TRUE(socket);
      static_cast<void>(socket->send(request(i % kRequests), deadline()));
      held.push_back(*std::move(socket));
    }
    for (std::size_t i = 0; i < held.size(); ++i) {
      // Who was not taken gets nothing for now.
      const auto answer = read_answer(
          held[i], answered + refused < files / 2 ? milliseconds(60'000) : milliseconds(20));
      if (!answer) continue;
      if (answer->status == 503) {
        ++refused;
        continue;
      }
      EXPECT_EQ(answer->status, 200);
      EXPECT_EQ(answer->body, right[i % kRequests]);
      ++answered;
    }
    EXPECT_GE(answered, files / 2);
    EXPECT_FALSE(served.has_ended());
    // It does not burn the processor while it can take nobody.
    const double before = processor_seconds(served.pid());
    std::this_thread::sleep_for(milliseconds(1000));
    EXPECT_LT(processor_seconds(served.pid()) - before, 0.2);
  }
  const auto begun = steady_clock::now();
  for (;;) {
    const auto answer = ask(served.port(), request(3));
    if (answer && answer->status == 200) {
      EXPECT_EQ(answer->body, right[3]);
      break;
    }
    ASSERT_LT(steady_clock::now() - begun, std::chrono::seconds(30));
  }
  const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begun);
  std::cout << files << " files: " << answered << " of " << 2 * files << " answered, " << refused
            << " told that there are too many; well again after " << took.count() << " ms\n";
  EXPECT_EQ(right_answers(served.port()), right);
  EXPECT_EQ(served.stop(), 0);
}

INSTANTIATE_TEST_SUITE_P(Of, FilesTest, ::testing::Values(32, 64, 256));

}  // namespace
}  // namespace server_fault
