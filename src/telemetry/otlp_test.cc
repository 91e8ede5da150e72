#include "telemetry/otlp.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "telemetry/protobuf_writer.h"

namespace telemetry {
namespace {

// What a message says, by number of field: texts and messages as bytes, numbers as numbers.
struct Message {
  std::multimap<unsigned, std::string> bytes;
  std::multimap<unsigned, std::uint64_t> numbers;

  std::string text(unsigned field) const {
    const auto at = bytes.find(field);
    return at == bytes.end() ? "" : at->second;
  }
  std::vector<std::string> texts(unsigned field) const {
    std::vector<std::string> all;
    const auto [begin, end] = bytes.equal_range(field);
    for (auto at = begin; at != end; ++at) all.push_back(at->second);
    return all;
  }
  std::uint64_t number(unsigned field) const {
    const auto at = numbers.find(field);
    return at == numbers.end() ? 0 : at->second;
  }
};

std::uint64_t read_varint(std::string_view text, std::size_t& at) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; at < text.size(); shift += 7U) {
    const auto byte = static_cast<unsigned char>(text[at++]);
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) break;
  }
  return value;
}

std::uint64_t read_little(std::string_view text, std::size_t& at, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    value |= std::uint64_t{static_cast<unsigned char>(text.at(at++))} << (8 * i);
  }
  return value;
}

Message read(std::string_view text) {
  Message message;
  for (std::size_t at = 0; at < text.size();) {
    const std::uint64_t tag = read_varint(text, at);
    const auto field = static_cast<unsigned>(tag >> 3U);
    switch (tag & 7U) {
      case 0: message.numbers.emplace(field, read_varint(text, at)); break;
      case 1: message.numbers.emplace(field, read_little(text, at, 8)); break;
      case 5: message.numbers.emplace(field, read_little(text, at, 4)); break;
      default: {
        const std::uint64_t size = read_varint(text, at);
        message.bytes.emplace(field, std::string(text.substr(at, size)));
        EXPECT_LE(size, text.size() - at);
        at += size;
      }
    }
  }
  return message;
}

// Keys to values, numbers as texts.
std::map<std::string, std::string> attributes(const std::vector<std::string>& pairs) {
  std::map<std::string, std::string> all;
  for (const std::string& each : pairs) {
    const Message pair = read(each);
    const Message value = read(pair.text(2));
    all[pair.text(1)] = value.bytes.empty() ? std::to_string(value.number(3)) : value.text(1);
  }
  return all;
}

Scored some_event() {
  Scored event;
  event.endpoint = "faq";
  event.version = "3";
  event.key_id = "abcdefghijklmnop";
  event.request_id = RequestId("550e8400-e29b-41d4-a716-446655440000");
  event.trace = find_place("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", {},
                           [] { return std::uint64_t{0x0102030405060708}; });
  event.trace_state = "a=b";
  event.status = 200;
  event.started_ns = 1'764'373'187'000'000'000;
  event.took_ns = 100'000;
  event.rows = 300;
  event.bytes_in = 10;
  return event;
}

std::vector<Message> spans_of(const SpanBatch& batch) {
  const Message resource_spans = read(read(batch.body()).text(1));
  std::vector<Message> spans;
  for (const std::string& each : read(resource_spans.text(2)).texts(2)) spans.push_back(read(each));
  return spans;
}

std::vector<Message> spans_of(const Scored& event) {
  SpanBatch batch({"sooth", "1.2"});
  batch.add(event, [] { return std::uint64_t{0x1111111111111111}; });
  return spans_of(batch);
}

TEST(ProtobufWriterTest, WritesAsTheFormatSays) {
  std::string out;
  ProtobufWriter writer(out);
  writer.varint(1, 150);
  writer.bytes(2, "testing");
  writer.message(3, [](ProtobufWriter& inner) { inner.varint(1, 150); });
  writer.fixed32(16, 0x01020304);
  EXPECT_EQ(out, std::string("\x08\x96\x01\x12\x07testing\x1a\x03\x08\x96\x01\x85\x01"
                             "\x04\x03\x02\x01"));
  std::string long_one;
  ProtobufWriter(long_one).message(
      1, [](ProtobufWriter& inner) { inner.fields(std::string(300, 'x')); });
  EXPECT_EQ(long_one.substr(0, 3), "\x0a\xac\x02");
  EXPECT_EQ(long_one.size(), 303U);
}

TEST(SpanBatchTest, SaysWhoseSpansTheyAre) {
  SpanBatch batch({"shop", "1.2"});
  const Message resource_spans = read(read(batch.body()).text(1));
  EXPECT_EQ(
      attributes(read(resource_spans.text(1)).texts(1)),
      (std::map<std::string, std::string>{{"service.name", "shop"}, {"service.version", "1.2"}}));
  const Message scope = read(read(resource_spans.text(2)).text(1));
  EXPECT_EQ(scope.text(1), "sooth");
  EXPECT_EQ(scope.text(2), "1.2");
}

TEST(SpanBatchTest, ARequestIsASpanOfItsTrace) {
  const auto spans = spans_of(some_event());
  ASSERT_EQ(spans.size(), 1U);
  const Message& span = spans[0];
  EXPECT_EQ(span.text(1), "\x0a\xf7\x65\x19\x16\xcd\x43\xdd\x84\x48\xeb\x21\x1c\x80\x31\x9c");
  EXPECT_EQ(span.text(2), "\x01\x02\x03\x04\x05\x06\x07\x08");
  EXPECT_EQ(span.text(3), "a=b");
  EXPECT_EQ(span.text(4), "\xb7\xad\x6b\x71\x69\x20\x33\x31");
  EXPECT_EQ(span.text(5), "POST /score");
  EXPECT_EQ(span.number(6), 2U);
  EXPECT_EQ(span.number(7), 1'764'373'187'000'000'000U);
  EXPECT_EQ(span.number(8), 1'764'373'187'000'100'000U);
  EXPECT_EQ(span.number(16), 0x301U);
  EXPECT_FALSE(span.bytes.contains(15));
  EXPECT_EQ(attributes(span.texts(9)),
            (std::map<std::string, std::string>{
                {"http.request.method", "POST"},
                {"http.route", "/score"},
                {"http.response.status_code", "200"},
                {"http.request.body.size", "10"},
                {"http.response.body.size", "0"},
                {"sooth.endpoint", "faq"},
                {"sooth.version", "3"},
                {"sooth.key_id", "abcdefghijklmnop"},
                {"sooth.request_id", "550e8400-e29b-41d4-a716-446655440000"},
                {"sooth.rows", "300"}}));
}

TEST(SpanBatchTest, PhasesAreChildrenWithTimesOfTheirOwn) {
  Scored event = some_event();
  event.queue = {.after_ns = 5, .took_ns = 10};
  event.compute = {.after_ns = 15, .took_ns = 20};
  const auto spans = spans_of(event);
  ASSERT_EQ(spans.size(), 3U);
  EXPECT_EQ(spans[1].text(5), "queue");
  EXPECT_EQ(spans[2].text(5), "compute");
  const auto start = static_cast<std::uint64_t>(event.started_ns);
  EXPECT_EQ(spans[2].number(7), start + 15);
  EXPECT_EQ(spans[2].number(8), start + 35);
  for (const Message& child : {spans[1], spans[2]}) {
    EXPECT_EQ(child.text(1), spans[0].text(1));
    EXPECT_EQ(child.text(4), spans[0].text(2));
    EXPECT_NE(child.text(2), spans[0].text(2));
    EXPECT_EQ(child.number(6), 1U);
    EXPECT_EQ(child.number(16), 0x101U);
  }
}

TEST(SpanBatchTest, OnlyWhatFailedInTheServerIsAnError) {
  for (const auto& [status, code] : std::vector<std::pair<int, std::uint64_t>>{
           {200, 0}, {400, 0}, {429, 0}, {500, 2}, {503, 2}}) {
    Scored event = some_event();
    event.status = status;
    EXPECT_EQ(read(spans_of(event)[0].text(15)).number(3), code) << status;
  }
}

TEST(SpanBatchTest, ATraceMayBeginHere) {
  Scored event = some_event();
  event.trace.parent = {};
  event.trace_state = "";
  event.wire = Wire::OipRest;
  const Message span = spans_of(event)[0];
  EXPECT_FALSE(span.bytes.contains(4));
  EXPECT_FALSE(span.bytes.contains(3));
  EXPECT_EQ(span.number(16), 0x101U);
  EXPECT_EQ(span.text(5), "POST /v2/models/{model}/infer");
}

TEST(SpanBatchTest, HoldsNoSecretsAndNothingThatIsNotText) {
  Scored event = some_event();
  event.request_id = RequestId("password=hunter2");
  event.trace_state = "a=password:hunter2";
  event.version = "a\xff";
  const Message span = spans_of(event)[0];
  EXPECT_FALSE(span.bytes.contains(3));
  auto said = attributes(span.texts(9));
  EXPECT_EQ(said["sooth.request_id"], "password=[scrubbed: pair]");
  EXPECT_EQ(said["sooth.version"], "a\xEF\xBF\xBD");
}

TEST(SpanBatchTest, GathersManyAndBeginsAnew) {
  SpanBatch batch({"sooth", "1.2"});
  Scored event = some_event();
  event.parse = event.queue = event.compute = event.write = {.after_ns = 0, .took_ns = 1};
  for (int i = 0; i < 100; ++i) batch.add(event, fast_random_bits);
  EXPECT_EQ(batch.spans(), 100 * SpanBatch::kSpansMax);
  EXPECT_EQ(spans_of(batch).size(), 500U);
  batch.clear();
  EXPECT_EQ(batch.spans(), 0U);
  EXPECT_TRUE(spans_of(batch).empty());
}

}  // namespace
}  // namespace telemetry
