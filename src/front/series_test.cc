#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "auth/keys.h"
#include "auth/test_time.h"
#include "front/front.h"

// Whatever clients ask for, and by whatever key, no metric gets a series for it.

namespace front {
namespace {

constexpr int kRequests = 100'000;

class SeriesTest : public ::testing::Test {
 protected:
  SeriesTest() {
    auto scorer =
        scorer::Scorer::load(SOOTH_SOURCE_DIR "/tests/scenario/data/passengers.joblib", {});
    EXPECT_TRUE(scorer.ok());
    endpoints_.add(std::make_shared<serve::Endpoint>("passengers", "1", *scorer, metrics_));
    queue_ = *serve::WorkQueue::start(
        {.name = "test", .workers = 1, .now = std::chrono::steady_clock::now});
  }

  std::ptrdiff_t series() const {
    const std::string text = metrics_.text();
    return std::count(text.begin(), text.end(), '\n');
  }
  Front front(const Guard::Keys* keys) {
    return Front(
        endpoints_, metrics_, *queue_,
        {.version = "test", .now = std::chrono::steady_clock::now, .keys = keys, .wall_now = [] {
           return auth::kNow;
         }});
  }
  static std::string path_of(int i) {
    switch (i % 6) {
      case 0: return fmt::format("/endpoints/model-{}/score", i);
      case 1: return fmt::format("/v2/models/model-{}/infer", i);
      case 2: return fmt::format("/v2/models/passengers/versions/{}/infer", i);
      case 3: return fmt::format("/api/v1/service/model-{}/score", i);
      case 4: return fmt::format("/v2/models/model-{}/ready", i);
      default: return fmt::format("/path-{}", i);
    }
  }
  // Asks for the i-th of paths that are all different, the way a server would.
  static void ask(Front& house, int i, std::vector<net::Header> headers) {
    const std::string path = path_of(i);
    net::RequestHead head;
    head.path = path;
    head.method = i % 7 == 0 ? net::Method::Delete : net::Method::Post;
    head.headers = std::move(headers);
    net::Response refusal;
    EXPECT_FALSE(house.admit(head, refusal).accepted()) << head.path;
    net::Response response;
    const int status = 400 + i % 200;
    house.refuse({.status = status, .message = "refused", .head = &head}, response);
  }

  telemetry::Metrics metrics_;
  serve::Endpoints endpoints_;
  std::unique_ptr<serve::WorkQueue> queue_;
};

TEST_F(SeriesTest, PathsAndModelsMakeNone) {
  Front house = front(nullptr);
  const auto before = series();
  for (int i = 0; i < kRequests; ++i) ask(house, i, {});
  EXPECT_EQ(series(), before);
}

TEST_F(SeriesTest, KeysMakeNone) {
  const auto one = auth::mint({.client = "shop",
                               .endpoint = "passengers",
                               .scope = {auth::Scope::Score},
                               .created = auth::kNow},
                              auth::system_random);
  ASSERT_TRUE(one.ok());
  const Guard::Keys keys(std::make_shared<const auth::KeySet>(*auth::KeySet::make({one->record})));
  Front house = front(&keys);
  const auto before = series();
  for (int i = 0; i < kRequests; ++i) {
    const auto stranger = auth::mint({.client = fmt::format("client-{}", i),
                                      .endpoint = "*",
                                      .scope = {auth::Scope::Score},
                                      .created = auth::kNow},
                                     auth::system_random);
    ask(house, i, {{"x-api-key", stranger->text.reveal()}});
  }
  EXPECT_EQ(series(), before);
}

}  // namespace
}  // namespace front
