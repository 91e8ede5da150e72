// gRPC calls that are followed: what a client is told, and what it can make the server hold.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "net/test_grpc.h"
#include "net/test_http2_client.h"
#include "net/test_peer.h"

namespace net {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Says the news to whoever follows, behind what was asked.
class News final : public Handler {
 public:
  Admission admit(const RequestHead& head, Response&) override {
    if (head.path == "/s/Once") return Admission::accept_messages(1 << 10, true);
    std::optional<steady_clock::time_point> until;
    if (head.path == "/s/Short") until = steady_clock::now() + milliseconds(60);
    return Admission::accept_followed(1 << 10, until);
  }
  void handle(Exchange& exchange) override {
    ++asked;
    Response& response = exchange.response();
    const std::string news = *news_.lock();
    response.body().append(exchange.body()).append(news);
    response.add_header("x-field", "first");
    if (exchange.body() == "large") response.body().assign(1 << 20, news[0]);
    if (news == "gone") response.set_grpc_status(5, "no such thing");
    exchange.finish();
  }
  std::uint64_t revision() const override { return revision_; }

  void tell(std::string news) {
    *news_.lock() = std::move(news);
    ++revision_;
  }

  std::atomic<int> asked = 0;

 private:
  threads::Guarded<std::string> news_{"1"};
  std::atomic<std::uint64_t> revision_ = 0;
};

// What makes the server look often.
Limits quick() {
  Limits limits;
  limits.rate_grace = milliseconds(100);
  limits.idle_time_max = milliseconds(100);
  limits.header_time_max = milliseconds(1000);
  return limits;
}

Http2TestRequest follow(const std::string& body = "", const std::string& path = "/s/Follow") {
  return {.method = "POST",
          .path = path,
          .fields = {{"content-type", "application/grpc"}, {"te", "trailers"}},
          .body = grpc_message(body),
          .has_body = true};
}

template <typename Condition>
bool soon_true(Condition condition) {
  const auto until = soon();
  while (!condition()) {
    if (steady_clock::now() > until) return false;
    std::this_thread::sleep_for(milliseconds(1));
  }
  return true;
}

class Http2FollowTest : public ::testing::Test {
 protected:
  std::string status_of(const Http2TestAnswer& answer) {
    const auto& fields = answer.trailers.empty() ? answer.fields : answer.trailers;
    const auto message = fields.find("grpc-message");
    return fields.at("grpc-status") + (message == fields.end() ? "" : " " + message->second);
  }

  News news_;
  std::unique_ptr<Server> server_ = serve(news_, {.limits = quick()});
  Http2Client client_{*server_};
};

TEST_F(Http2FollowTest, TellsAtOnceAndThenWhatIsNew) {
  const auto id = client_.send(follow("a"));
  std::string expected = grpc_message("a1");
  EXPECT_TRUE(client_.wait_until([&] { return client_.answer(id).body == expected; }));
  EXPECT_EQ(client_.answer(id).fields.at("x-field"), "first");
  for (const char* text : {"2", "", "3"}) {
    news_.tell(text);
    expected += grpc_message(std::string("a") + text);
    EXPECT_TRUE(client_.wait_until([&] { return client_.answer(id).body == expected; }));
  }
  EXPECT_FALSE(client_.answer(id).closed);
  EXPECT_EQ(server_->counts().followers, 1U);
}

TEST_F(Http2FollowTest, IsSilentWhereNothingIsNew) {
  const auto id = client_.send(follow());
  EXPECT_TRUE(client_.wait_until([&] { return !client_.answer(id).body.empty(); }));
  const int before = news_.asked;
  news_.tell("1");
  EXPECT_TRUE(soon_true([&] { return news_.asked == before + 1; }));
  // Behind which the answer to a PING would come.
  client_.ping();
  EXPECT_TRUE(client_.wait_until([&] { return client_.pings_answered() == 1; }));
  EXPECT_EQ(client_.answer(id).body, grpc_message("1"));
}

TEST_F(Http2FollowTest, AHandlerMayEndIt) {
  const auto id = client_.send(follow());
  EXPECT_TRUE(client_.wait_until([&] { return !client_.answer(id).body.empty(); }));
  news_.tell("gone");
  EXPECT_EQ(status_of(client_.wait(id)), "5 no such thing");
  EXPECT_EQ(client_.answer(id).body, grpc_message("1"));
  EXPECT_EQ(status_of(client_.wait(client_.send(follow()))), "5 no such thing");
  EXPECT_TRUE(soon_true([&] { return server_->counts().followers == 0; }));
}

TEST_F(Http2FollowTest, EndsAtItsDeadline) {
  const auto start = steady_clock::now();
  const auto id = client_.send(follow("", "/s/Short"));
  EXPECT_EQ(status_of(client_.wait(id)), "4 deadline: it has passed");
  EXPECT_GE(steady_clock::now() - start, milliseconds(60));
  EXPECT_EQ(client_.answer(id).body, grpc_message("1"));
  EXPECT_EQ(client_.answer(id).code, 0U);
}

TEST_F(Http2FollowTest, RefusesWhatIsNoCall) {
  auto none = follow();
  none.body.clear();
  EXPECT_EQ(status_of(client_.wait(client_.send(none))), "13 call: expected one message, got none");
  auto two = follow();
  two.body += grpc_message("b");
  EXPECT_EQ(status_of(client_.wait(client_.send(two))), "13 call: expected one message, got more");
  auto coded = follow();
  coded.fields.emplace_back("grpc-encoding", "br");
  EXPECT_EQ(status_of(client_.wait(client_.send(coded))),
            "12 grpc-encoding: expected identity, gzip or deflate");
  EXPECT_EQ(status_of(client_.wait(client_.send(follow(std::string(1025, 'a'))))).substr(0, 2),
            "8 ");
  EXPECT_EQ(server_->counts().followers, 0U);
  EXPECT_EQ(news_.asked, 0);
}

TEST_F(Http2FollowTest, WhoLeavesIsForgotten) {
  const auto id = client_.send(follow());
  EXPECT_TRUE(client_.wait_until([&] { return !client_.answer(id).body.empty(); }));
  client_.reset(id);
  EXPECT_TRUE(soon_true([&] { return server_->counts().followers == 0; }));
  client_.send(follow());
  EXPECT_TRUE(soon_true([&] { return server_->counts().followers == 1; }));
  client_.leave();
  EXPECT_TRUE(soon_true([&] { return server_->counts().followers == 0; }));
  EXPECT_TRUE(soon_true([&] { return server_->counts().connections == 0; }));
}

TEST_F(Http2FollowTest, OtherCallsGoOnBesideIt) {
  const auto id = client_.send(follow());
  for (int i = 0; i < 50; ++i) {
    auto once = follow(std::to_string(i), "/s/Once");
    EXPECT_EQ(client_.wait(client_.send(once)).body, grpc_message(std::to_string(i) + "1"));
  }
  EXPECT_EQ(client_.answer(id).body, grpc_message("1"));
}

TEST_F(Http2FollowTest, StaysAsLongAsTheClientAnswers) {
  const auto id = client_.send(follow());
  const auto start = steady_clock::now();
  // The client answers the server's PINGs; where it does not answer one, no other comes.
  EXPECT_TRUE(client_.wait_until([&] { return client_.pings_received() == 3; }));
  // Longer than anybody may be silent.
  EXPECT_GE(steady_clock::now() - start, quick().idle_time_max + quick().rate_grace);
  EXPECT_FALSE(client_.answer(id).closed);
  news_.tell("2");
  EXPECT_TRUE(client_.wait_until(
      [&] { return client_.answer(id).body == grpc_message("1") + grpc_message("2"); }));
}

TEST_F(Http2FollowTest, EndsConnectionsThatNobodyIsAtTheOtherEndOf) {
  RawHttp2 raw(*server_);
  const std::string head =
      "\x83\x86\x41\x01x\x44\x09/s/Follow\x5f\x10"
      "application/grpc";
  raw.send(http2_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 1, head));
  raw.send(http2_frame(NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 1, grpc_message("")));
  EXPECT_TRUE(soon_true([&] { return server_->counts().followers == 1; }));
  int pings = 0;
  RawHttp2::Frame frame;
  while (raw.receive(frame)) pings += frame.type == NGHTTP2_PING ? 1 : 0;
  EXPECT_EQ(pings, 1);
  EXPECT_EQ(server_->counts().followers, 0U);
  EXPECT_EQ(server_->counts().slow_readers, 1U);
}

TEST_F(Http2FollowTest, StopsWithTheLastNews) {
  const auto old = client_.send(follow("a"));
  EXPECT_TRUE(client_.wait_until([&] { return !client_.answer(old).body.empty(); }));
  news_.tell("stopping");
  bool finished = false;
  {
    const std::jthread stopper([&] { finished = server_->stop(soon(), soon()); });
    const auto& answer = client_.wait(old);
    EXPECT_EQ(answer.body, grpc_message("a1") + grpc_message("astopping"));
    EXPECT_EQ(status_of(answer), "14 server: it stops");
    EXPECT_TRUE(client_.ended());
    client_.leave();
  }
  EXPECT_TRUE(finished);
  EXPECT_EQ(server_->counts().followers, 0U);
}

TEST_F(Http2FollowTest, AReaderThatDoesNotReadIsCutOff) {
  Http2Client slow(std::make_unique<Http2TestSocket>(server_->port()), 0);
  slow.set_reads(false);
  const auto id = slow.send(follow());
  EXPECT_EQ(slow.wait(id).code, std::uint32_t{NGHTTP2_CANCEL});
  EXPECT_EQ(server_->counts().slow_readers, 1U);
  EXPECT_EQ(server_->counts().followers, 0U);
}

TEST_F(Http2FollowTest, NewsDoNotQueueForWhoReadsSlowly) {
  Http2Client slow(std::make_unique<Http2TestSocket>(server_->port()), 64 << 10);
  slow.set_reads(false);
  const auto id = slow.send(follow("large"));
  EXPECT_TRUE(slow.wait_until([&] { return slow.answer(id).body.size() == 64 << 10; }));
  const std::uint64_t held = server_->counts().bodies_bytes;
  for (int i = 2; i < 9; ++i) news_.tell(std::to_string(i));
  client_.ping();
  EXPECT_TRUE(client_.wait_until([&] { return client_.pings_answered() == 1; }));
  EXPECT_LE(server_->counts().bodies_bytes, held);
}

TEST_F(Http2FollowTest, EndsWhoBeginsAndResetsWithoutEnd) {
  for (int i = 0; i < 200; ++i) client_.reset(client_.send(follow()));
  EXPECT_TRUE(client_.ended());
  ASSERT_EQ(client_.goaways().size(), 1U);
  EXPECT_EQ(client_.goaways()[0].code, std::uint32_t{NGHTTP2_ENHANCE_YOUR_CALM});
  EXPECT_EQ(server_->counts().reset_floods, 1U);
  EXPECT_TRUE(soon_true([&] { return server_->counts().followers == 0; }));
}

TEST(Http2FollowLimitTest, OneConnectionHasFew) {
  News news;
  Limits limits;
  limits.followers_per_connection_max = 3;
  const auto server = serve(news, {.limits = limits});
  Http2Client client(*server);
  std::vector<std::int32_t> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(client.send(follow()));
  const auto& refused = client.wait(client.send(follow()));
  EXPECT_EQ(refused.fields.at("grpc-status"), "8");
  EXPECT_EQ(refused.fields.at("grpc-message"), "call: too many wait for news already");
  EXPECT_EQ(server->counts().followers, 3U);
  EXPECT_EQ(server->counts().followers_refused, 1U);
  // One that ends makes room.
  client.reset(ids[0]);
  const auto next = client.send(follow());
  EXPECT_TRUE(client.wait_until([&] { return !client.answer(next).body.empty(); }));
}

TEST(Http2FollowLimitTest, EveryConnectionMayHaveOneWhateverOthersHave) {
  News news;
  Limits limits;
  limits.followers_max = 2;
  const auto server = serve(news, {.limits = limits});
  Http2Client greedy(*server);
  for (int i = 0; i < 3; ++i) greedy.send(follow());
  EXPECT_EQ(greedy.wait(greedy.send(follow())).fields.at("grpc-status"), "8");
  Http2Client other(*server);
  const auto id = other.send(follow());
  EXPECT_TRUE(other.wait_until([&] { return !other.answer(id).body.empty(); }));
  EXPECT_EQ(other.wait(other.send(follow())).fields.at("grpc-status"), "8");
  greedy.leave();
  EXPECT_TRUE(soon_true([&] { return server->counts().followers == 1; }));
  const auto second = other.send(follow());
  EXPECT_TRUE(other.wait_until([&] { return !other.answer(second).body.empty(); }));
}

// 10,000 that would follow on 100 connections: 16 on each, and the others are told.
TEST(Http2FollowLimitTest, ManyFollowAndMoreAreRefused) {
  News news;
  const auto server = serve(news, {.threads = 2});
  std::vector<std::unique_ptr<Http2Client>> clients;
  std::vector<std::vector<std::int32_t>> calls;
  for (int c = 0; c < 100; ++c) {
    clients.push_back(std::make_unique<Http2Client>(*server));
    calls.emplace_back();
    for (int i = 0; i < 100; ++i) calls.back().push_back(clients.back()->send(follow()));
  }
  std::size_t following = 0;
  std::size_t refused = 0;
  const auto settled = [&](std::size_t c) {
    return [&, c] {
      return std::all_of(calls[c].begin(), calls[c].end(), [&](std::int32_t id) {
        const auto& answer = clients[c]->answer(id);
        return answer.closed || !answer.body.empty();
      });
    };
  };
  for (std::size_t c = 0; c < clients.size(); ++c) {
    EXPECT_TRUE(clients[c]->wait_until(settled(c)));
    for (const std::int32_t id : calls[c]) ++(clients[c]->answer(id).closed ? refused : following);
  }
  // One for each connection, and 1,000 more.
  EXPECT_EQ(following, 1100U);
  EXPECT_EQ(refused, 8900U);
  EXPECT_EQ(server->counts().followers, 1100U);
  news.tell("2");
  std::size_t told = 0;
  for (std::size_t c = 0; c < clients.size(); ++c) {
    for (const std::int32_t id : calls[c]) {
      if (clients[c]->answer(id).closed) continue;
      const std::string both = grpc_message("1") + grpc_message("2");
      told += clients[c]->wait_until([&] { return clients[c]->answer(id).body == both; }) ? 1 : 0;
    }
  }
  EXPECT_EQ(told, 1100U);
}

}  // namespace
}  // namespace net
