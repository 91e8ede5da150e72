// A wall clock that jumps by hours and years while the server is at work: keys expire when it says
// so, and nothing that waits does so shorter or longer.

#include <chrono>
#include <cstdint>
#include <fstream>
#include <string>
#include <thread>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "auth/key.h"
#include "auth/key_set.h"
#include "auth/random.h"
#include "served.h"

namespace server_fault {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

class ClockTest : public ::testing::Test {
 protected:
  ClockTest() {
    const int file = ::open(folder_.path("offset").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    EXPECT_EQ(::ftruncate(file, sizeof(std::int64_t)), 0);
    offset_ = static_cast<volatile std::int64_t*>(
        ::mmap(nullptr, sizeof(std::int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
    ::close(file);
  }
  ~ClockTest() override { ::munmap(const_cast<std::int64_t*>(offset_), sizeof(std::int64_t)); }

  Served::Options options(const std::string& keys) {
    std::ofstream(folder_.path("keys.json")) << keys;
    return {
        .arguments = {"--threads", "2", "--keys", folder_.path("keys.json"), "--rate-grace", "60s"},
        .environment = {"LD_PRELOAD=" SOOTH_CLOCK_SHIM,
                        "SOOTH_CLOCK_OFFSET=" + folder_.path("offset")},
        .open = false};
  }
  void jump_to(hours off) { *offset_ = std::chrono::seconds(off).count(); }

  Folder folder_;
  volatile std::int64_t* offset_ = nullptr;
};

auth::MintedKey key_for(hours life) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  auto minted = auth::mint({.client = "shop",
                            .endpoint = "*",
                            .scope = {auth::Scope::Score},
                            .created = now - hours(1),
                            .expires = now + life},
                           auth::system_random);
  EXPECT_TRUE(minted.ok());
  return *std::move(minted);
}

TEST_F(ClockTest, KeysExpireByItAndNothingElseDoes) {
  const auto short_lived = key_for(hours(2));
  const auto long_lived = key_for(hours(24 * 365 * 30));
  Served served(options(auth::KeySet::make({short_lived.record, long_lived.record})->json()));
  const auto field = [](const auth::MintedKey& key) {
    return "Authorization: Bearer " + key.text.reveal() + "\r\n";
  };
  const auto status = [&](const auth::MintedKey& key) {
    const auto answer = ask(served.port(), request(1, field(key)));
    return answer ? answer->status : 0;
  };
  const auto deadline = steady_clock::now() + std::chrono::seconds(60);
  // One that waits between two requests, and one in the middle of its body.
  auto idle = connect(served.port());
  auto slow = connect(served.port());
  ASSERT_TRUE(idle && slow);
  ASSERT_TRUE(idle->send(request(1, field(long_lived)), deadline).ok());
  const auto first = read_answer(*idle);
  ASSERT_TRUE(first && first->status == 200);
  const std::string text = request(1, field(long_lived));
  ASSERT_TRUE(slow->send(text.substr(0, text.size() - 5), deadline).ok());

  for (const hours jump : {hours(3), hours(-5), hours(24 * 365 * 10), hours(-24 * 365 * 10)}) {
    jump_to(jump);
    EXPECT_EQ(status(short_lived), jump > hours(2) ? 401 : 200) << jump.count();
    EXPECT_EQ(status(long_lived), 200) << jump.count();
    // A deadline is what the client says, from now.
    const auto timed =
        ask(served.port(), request(1, field(long_lived) + "X-Request-Timeout: 5\r\n"));
    ASSERT_TRUE(timed);
    EXPECT_EQ(timed->status, 200) << jump.count();
    EXPECT_EQ(timed->body, first->body);
    // Long enough for the sweep that looks for what is late.
    std::this_thread::sleep_for(milliseconds(600));
    ASSERT_TRUE(idle->send(text, deadline).ok());
    const auto again = read_answer(*idle);
    ASSERT_TRUE(again) << jump.count();
    EXPECT_EQ(again->body, first->body);
  }
  ASSERT_TRUE(slow->send(text.substr(text.size() - 5), deadline).ok());
  const auto late = read_answer(*slow);
  ASSERT_TRUE(late);
  EXPECT_EQ(late->body, first->body);
  jump_to(hours(0));
  EXPECT_EQ(status(short_lived), 200);
  // Stopping takes no longer either.
  jump_to(hours(-24 * 365));
  const auto begun = steady_clock::now();
  idle.reset();
  slow.reset();
  EXPECT_EQ(served.stop(), 0);
  EXPECT_LT(steady_clock::now() - begun, std::chrono::seconds(10));
}

}  // namespace
}  // namespace server_fault
