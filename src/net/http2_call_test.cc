#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
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

// A service whose methods are said by their names.
class Calls final : public Handler {
 public:
  Admission admit(const RequestHead& head, Response& refusal) override {
    if (head.path == "/s/None") {
      refusal.set_content_type("application/grpc");
      refusal.add_header("grpc-status", "12");
      return Admission::refuse();
    }
    return Admission::accept_messages(1 << 20, head.path.starts_with("/s/One"));
  }

  void handle(Exchange& exchange) override {
    Response& response = exchange.response();
    const std::string_view path = exchange.head().path;
    const std::string_view body = exchange.body();
    if (path == "/s/OneLater") {
      held_.lock()->push_back(&exchange);
      return arrived_.notify_all();
    }
    if (body == "fail") {
      response.set_grpc_status(5, "no such thing: 100%\n");
      response.add_trailer("x-why", "asked");
    } else {
      response.body().append("<").append(body).append(">");
      if (body == "large") response.body().assign(1 << 20, 'l');
      if (body == "nothing") response.body().clear();
      response.add_header("x-method", path);
      response.add_trailer("x-last", body);
    }
    exchange.finish();
  }

  Exchange& wait_for_held() {
    auto held = held_.lock();
    EXPECT_TRUE(held.wait_until(arrived_, soon(), [](const auto& h) { return !h.empty(); }));
    Exchange* const exchange = held->front();
    held->pop_front();
    return *exchange;
  }

 private:
  threads::Guarded<std::deque<Exchange*>> held_;
  std::condition_variable arrived_;
};

class Http2CallTest : public ::testing::Test {
 protected:
  Http2TestRequest call(const std::string& method, const std::string& body, bool end = true,
                        Http2TestFields more = {}) {
    more.insert(more.begin(), {{"content-type", "application/grpc"}, {"te", "trailers"}});
    return {.method = "POST",
            .path = "/s/" + method,
            .fields = std::move(more),
            .body = body,
            .has_body = true,
            .end = end};
  }
  const Http2TestAnswer& answer_of(const Http2TestRequest& request) {
    return client_.wait(client_.send(request));
  }
  // The status that a call of these bytes ends with; they are all there is of the answer.
  std::string only_status(const Http2TestRequest& request) {
    const auto& answer = answer_of(request);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "");
    EXPECT_EQ(answer.trailers.size(), 0U);
    EXPECT_EQ(answer.fields.at("content-type"), "application/grpc");
    return answer.fields.at("grpc-status") + " " + answer.fields.at("grpc-message");
  }

  Calls calls_;
  std::unique_ptr<Server> server_ = serve(calls_);
  Http2Client client_{*server_};
};

TEST_F(Http2CallTest, AnswersOneMessageWithOne) {
  const auto& answer = answer_of(call("One", grpc_message("hello")));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.fields, (std::map<std::string, std::string>{{"content-type", "application/grpc"},
                                                               {"x-method", "/s/One"}}));
  EXPECT_EQ(answer.body, grpc_message("<hello>"));
  EXPECT_EQ(answer.trailers,
            (std::map<std::string, std::string>{{"grpc-status", "0"}, {"x-last", "hello"}}));
  EXPECT_EQ(answer.code, 0U);
}

TEST_F(Http2CallTest, TheEndMayComeBehindTheMessage) {
  const auto id = client_.send(call("One", grpc_message("hello"), false));
  client_.ping();
  EXPECT_TRUE(client_.wait_until([&] { return client_.pings_answered() == 1; }));
  client_.send_more(id, "", true);
  EXPECT_EQ(client_.wait(id).body, grpc_message("<hello>"));
}

TEST_F(Http2CallTest, AnswersMessagesInOrder) {
  std::string body;
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    body += grpc_message(std::to_string(i));
    expected += grpc_message("<" + std::to_string(i) + ">");
  }
  const auto& answer = answer_of(call("Many", body));
  EXPECT_TRUE(answer.body == expected);
  EXPECT_EQ(answer.trailers.at("grpc-status"), "0");
  EXPECT_EQ(answer.trailers.at("x-last"), "999");
}

TEST_F(Http2CallTest, AnswersAMessageBeforeTheNextComes) {
  const auto id = client_.send(call("Many", "", false));
  std::string expected;
  for (const std::string text : {"one", "two", "nothing"}) {
    client_.send_more(id, grpc_message(text), false);
    expected += grpc_message(text == "nothing" ? "" : "<" + text + ">");
    EXPECT_TRUE(client_.wait_until([&] { return client_.answer(id).body == expected; }));
  }
  client_.send_more(id, "", true);
  EXPECT_EQ(client_.wait(id).trailers.at("grpc-status"), "0");
}

TEST_F(Http2CallTest, MessagesMayBeCutAnywhere) {
  const std::string body = grpc_message("hello") + grpc_message("") + grpc_message("you");
  const auto id = client_.send(call("Many", "", false));
  for (const char c : body) client_.send_more(id, std::string(1, c), false);
  client_.send_more(id, "", true);
  EXPECT_EQ(client_.wait(id).body,
            grpc_message("<hello>") + grpc_message("<>") + grpc_message("<you>"));
}

TEST_F(Http2CallTest, LargeMessagesGoBothWays) {
  const std::string large(1 << 20, 'm');
  std::string body;
  for (int i = 0; i < 3; ++i) body += grpc_message(large.substr(2)) + grpc_message("large");
  std::string expected;
  for (int i = 0; i < 3; ++i) {
    expected += grpc_message("<" + large.substr(2) + ">") + grpc_message(std::string(1 << 20, 'l'));
  }
  EXPECT_TRUE(answer_of(call("Many", body)).body == expected);
}

TEST_F(Http2CallTest, ACallWithoutMessagesEndsWell) {
  const auto& answer = answer_of(call("Many", ""));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.fields.at("grpc-status"), "0");
  EXPECT_EQ(answer.fields.count("grpc-message"), 0U);
}

TEST_F(Http2CallTest, AHandlerMayEndTheCall) {
  const auto& at_once = answer_of(call("One", grpc_message("fail")));
  EXPECT_EQ(at_once.fields.at("grpc-status"), "5");
  EXPECT_EQ(at_once.fields.at("grpc-message"), "no such thing: 100%25%0A");
  EXPECT_EQ(at_once.fields.at("x-why"), "asked");
  EXPECT_EQ(at_once.body, "");
  // Behind an answer, and while the client would go on.
  const auto id = client_.send(call("Many", grpc_message("a") + grpc_message("fail"), false));
  const auto& later = client_.wait(id);
  EXPECT_EQ(later.body, grpc_message("<a>"));
  EXPECT_EQ(later.trailers.at("grpc-status"), "5");
  EXPECT_EQ(later.trailers.at("x-why"), "asked");
  EXPECT_EQ(later.code, std::uint32_t{NGHTTP2_NO_ERROR});
}

TEST_F(Http2CallTest, ARefusalIsSentAsItIs) {
  const auto& answer = answer_of(call("None", grpc_message("a")));
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.ended);
  EXPECT_EQ(answer.fields, (std::map<std::string, std::string>{{"content-type", "application/grpc"},
                                                               {"grpc-status", "12"}}));
}

TEST_F(Http2CallTest, RefusesWhatIsNoCall) {
  const struct {
    Http2TestRequest request;
    std::string status;
  } cases[] = {
      {call("One", ""), "13 call: expected one message, got none"},
      {call("One", grpc_message("a") + grpc_message("b")),
       "13 call: expected one message, got more"},
      {call("One", grpc_message("abc").substr(0, 7)), "13 message: cut off"},
      {call("Many", std::string(1, '\0')), "13 message: cut off"},
      {call("One", std::string("\7\0\0\0\0", 5)), "13 message flag: expected 0 or 1, got 7"},
      {call("One", std::string("\0\x7F\0\0\0", 5)),
       "8 message: expected at most 1048576 bytes, got 2130706432"},
      {call("One", grpc_message("a", true)),
       "13 message: expected grpc-encoding to say how it is compressed"},
      {call("One", grpc_message("a"), true, {{"a", std::string(17'000, 'a')}}),
       "8 header too long"},
      {call("One", grpc_message("a"), true, {{"grpc-encoding", "br"}}),
       "12 grpc-encoding: expected identity, gzip or deflate"},
  };
  for (const auto& c : cases) EXPECT_EQ(only_status(c.request), c.status);
  EXPECT_EQ(server_->counts().requests_refused, std::size(cases));
  EXPECT_EQ(answer_of(cases[8].request).fields.at("grpc-accept-encoding"), "identity,gzip,deflate");
}

TEST_F(Http2CallTest, ReadsCompressedMessages) {
  for (const auto& [name, coding] :
       {std::pair("gzip", GrpcCoding::Gzip), std::pair("deflate", GrpcCoding::Deflate)}) {
    const std::string text(5000, 'z');
    const std::string body = grpc_message(compress(text, coding), true) + grpc_message("as it is");
    EXPECT_EQ(answer_of(call("Many", body, true, {{"grpc-encoding", name}})).body,
              grpc_message("<" + text + ">") + grpc_message("<as it is>"));
    const std::string bomb = compress(std::string(4 << 20, '\0'), coding);
    EXPECT_EQ(only_status(call("One", grpc_message(bomb, true), true, {{"grpc-encoding", name}}))
                  .substr(0, 2),
              "8 ");
  }
}

TEST_F(Http2CallTest, MessagesThatFollowWaitOutsideTheServer) {
  const auto id = client_.send(call("OneLater", grpc_message("first")));
  Exchange& exchange = calls_.wait_for_held();
  EXPECT_EQ(exchange.body(), "first");
  client_.reset(id);
  while (!exchange.abandoned()) std::this_thread::yield();
  exchange.finish();
  EXPECT_EQ(answer_of(call("One", grpc_message("a"))).body, grpc_message("<a>"));
}

TEST_F(Http2CallTest, Http1HasNoCalls) {
  Peer peer(*server_);
  peer.send(post("/s/One", grpc_message("a"), "Content-Type: application/grpc\r\n"));
  EXPECT_EQ(peer.status(), 505);
}

TEST(Http2CallTimeTest, EndsCallsThatAreTooSlow) {
  Calls calls;
  Limits limits;
  limits.rate_grace = milliseconds(40);
  limits.idle_time_max = milliseconds(400);
  const auto server = serve(calls, {.limits = limits});
  Http2Client client(*server);
  const Http2TestFields fields = {{"content-type", "application/grpc"}};
  const auto call = [&](const std::string& path, const std::string& body) {
    return client.send(
        {.method = "POST", .path = path, .fields = fields, .body = body, .end = false});
  };
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(client.wait(call("/s/One", "")).fields.at("grpc-status"), "4");
  EXPECT_EQ(client.wait(call("/s/Many", "\1")).fields.at("grpc-status"), "4");
  // Between messages there is more time.
  const auto idle = call("/s/Many", grpc_message("a"));
  EXPECT_EQ(client.wait(idle).trailers.at("grpc-status"), "4");
  EXPECT_GT(std::chrono::steady_clock::now() - start, milliseconds(400));
  EXPECT_EQ(client.answer(idle).trailers.at("grpc-message"), "request too slow");
}

}  // namespace
}  // namespace net
