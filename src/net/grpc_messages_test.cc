#include "net/grpc_messages.h"

#include <string>
#include <vector>

#include <zlib.h>

#include <gtest/gtest.h>

#include "net/test_grpc.h"

namespace net {
namespace {

struct GrpcOutcome {
  std::vector<std::string> messages;
  int status = 0;
  std::string problem;
  bool between = true;
};

GrpcOutcome read_messages(std::string_view bytes, GrpcCoding coding = GrpcCoding::Identity,
                          std::size_t step = 0, std::uint64_t bytes_max = 1 << 20) {
  GrpcReader reader;
  reader.reset(coding, bytes_max);
  GrpcOutcome outcome;
  std::string message;
  const std::size_t each = step == 0 ? std::max<std::size_t>(bytes.size(), 1) : step;
  for (std::size_t at = 0; at < bytes.size(); at += each) {
    std::string_view part = bytes.substr(at, each);
    while (!part.empty()) {
      std::size_t taken = 0;
      const auto result = reader.take(part, taken, message);
      if (result == GrpcReader::Step::Bad) {
        outcome.status = reader.status();
        outcome.problem = reader.problem();
        return outcome;
      }
      if (result == GrpcReader::Step::Message) outcome.messages.push_back(message);
      part.remove_prefix(taken);
    }
  }
  outcome.between = reader.between();
  return outcome;
}

TEST(GrpcMessagesTest, CutsMessagesWhereverTheyAreCut) {
  const std::string bytes = grpc_message("hello") + grpc_message("") + grpc_message("you");
  for (const std::size_t step : {0U, 1U, 2U, 3U, 5U, 7U}) {
    const auto outcome = read_messages(bytes, GrpcCoding::Identity, step);
    EXPECT_EQ(outcome.messages, (std::vector<std::string>{"hello", "", "you"})) << step;
    EXPECT_TRUE(outcome.between);
  }
  EXPECT_FALSE(read_messages(bytes.substr(0, bytes.size() - 1)).between);
  EXPECT_FALSE(read_messages(std::string(1, '\0')).between);
}

TEST(GrpcMessagesTest, ReadsCompressedMessagesAndOthersBetweenThem) {
  const std::string text(10'000, 'a');
  for (const GrpcCoding coding : {GrpcCoding::Gzip, GrpcCoding::Deflate}) {
    const std::string bytes = grpc_message(compress(text, coding), true) + grpc_message("plain") +
                              grpc_message(compress("", coding), true);
    for (const std::size_t step : {0U, 1U, 100U}) {
      const auto outcome = read_messages(bytes, coding, step);
      EXPECT_EQ(outcome.messages, (std::vector<std::string>{text, "plain", ""})) << step;
    }
  }
}

TEST(GrpcMessagesTest, RefusesWhatIsNoMessage) {
  const std::string zeros = compress(std::string(10 << 20, '\0'), GrpcCoding::Gzip);
  const std::string packed = compress("hello", GrpcCoding::Gzip);
  const struct {
    std::string bytes;
    int status;
    std::string_view problem;
  } cases[] = {
      {std::string("\x02\0\0\0\0", 5), 400, "message flag: expected 0 or 1, got 2"},
      {std::string("\0\0\x10\0\x01", 5), 413,
       "message: expected at most 1048576 bytes, got 1048577"},
      {grpc_message("nothing of it", true), 400, "message: not what grpc-encoding says"},
      {grpc_message(packed.substr(0, packed.size() - 1), true), 400,
       "message: not what grpc-encoding says"},
      {grpc_message(packed + "x", true), 400, "message: bytes behind its end"},
      {grpc_message(zeros, true), 413,
       "message: expected at most 1018700 bytes behind compression"},
  };
  for (const auto& c : cases) {
    const auto outcome = read_messages(c.bytes, GrpcCoding::Gzip);
    EXPECT_EQ(outcome.status, c.status) << c.problem;
    if (c.bytes.size() < 1000) {
      EXPECT_EQ(outcome.problem, c.problem);
    }
  }
  EXPECT_EQ(read_messages(grpc_message(packed, true)).problem,
            "message: expected grpc-encoding to say how it is compressed");
}

TEST(GrpcMessagesTest, CompressionMayNotHideMoreThanItsShare) {
  const std::string text(200'000, '\0');
  const std::string bytes = grpc_message(compress(text, GrpcCoding::Deflate), true);
  EXPECT_EQ(read_messages(bytes, GrpcCoding::Deflate).status, 413);
  const std::string small(kGrpcSmallBytes, '\0');
  EXPECT_EQ(
      read_messages(grpc_message(compress(small, GrpcCoding::Deflate), true), GrpcCoding::Deflate)
          .messages.size(),
      1U);
}

TEST(GrpcMessagesTest, WritesPrefixAndMessageOfAStatus) {
  std::string prefix;
  append_grpc_prefix(prefix, 0x01020304);
  EXPECT_EQ(prefix, std::string("\0\x01\x02\x03\x04", 5));
  EXPECT_EQ(percent_encoded("100% \xC3\xA4\n~"), "100%25 %C3%A4%0A~");
}

TEST(GrpcMessagesTest, KnowsItsTypesAndCodings) {
  EXPECT_TRUE(is_grpc("application/grpc"));
  EXPECT_TRUE(is_grpc("application/grpc+proto"));
  EXPECT_TRUE(is_grpc("Application/gRPC;x=y"));
  EXPECT_FALSE(is_grpc("application/grpc-web"));
  EXPECT_FALSE(is_grpc("application/json"));
  EXPECT_EQ(find_grpc_coding("gzip"), GrpcCoding::Gzip);
  EXPECT_EQ(find_grpc_coding("br"), std::nullopt);
}

TEST(GrpcMessagesTest, RefusalsHaveAStatusEach) {
  const std::pair<int, GrpcStatus> cases[] = {
      {400, GrpcStatus::Internal},          {408, GrpcStatus::DeadlineExceeded},
      {413, GrpcStatus::ResourceExhausted}, {431, GrpcStatus::ResourceExhausted},
      {501, GrpcStatus::Unimplemented},     {503, GrpcStatus::Unavailable},
      {500, GrpcStatus::Unknown},
  };
  for (const auto& [http, grpc] : cases) EXPECT_EQ(grpc_status_of(http), grpc) << http;
}

}  // namespace
}  // namespace net
