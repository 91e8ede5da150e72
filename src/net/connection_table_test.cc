#include "net/connection_table.h"

#include <gtest/gtest.h>

#include "net/limits.h"

namespace net {
namespace {

using boost::asio::ip::make_address;
using Entry = ConnectionTable::Entry;

TEST(ConnectionTableTest, ASourceIsAnIpv4AddressOrAnIpv6Network) {
  const auto source = [](const char* text) {
    return ConnectionTable::source_of(make_address(text));
  };
  EXPECT_EQ(source("10.0.0.1"), source("10.0.0.1"));
  EXPECT_NE(source("10.0.0.1"), source("10.0.0.2"));
  EXPECT_EQ(source("10.0.0.1"), source("::ffff:10.0.0.1"));
  EXPECT_EQ(source("2001:db8:1:2::1"), source("2001:db8:1:2:ffff::9"));
  EXPECT_NE(source("2001:db8:1:2::1"), source("2001:db8:1:3::1"));
  EXPECT_NE(source("0.0.0.1"), source("::1"));
}

TEST(ConnectionTableTest, CountsInAllAndBySource) {
  ConnectionTable table(3, 2);
  const auto a = ConnectionTable::source_of(make_address("10.0.0.1"));
  const auto b = ConnectionTable::source_of(make_address("10.0.0.2"));
  EXPECT_EQ(table.enter(a), Entry::Served);
  EXPECT_EQ(table.enter(a), Entry::Served);
  EXPECT_EQ(table.enter(a), Entry::Refused);
  EXPECT_EQ(table.enter(b), Entry::Served);
  EXPECT_EQ(table.enter(b), Entry::Refused);
  table.leave(a, Entry::Served);
  EXPECT_EQ(table.enter(b), Entry::Served);
  EXPECT_EQ(table.served(), 3U);
}

TEST(ConnectionTableTest, RefusalsAreBoundedToo) {
  ConnectionTable table(1, 1);
  const auto a = ConnectionTable::source_of(make_address("10.0.0.1"));
  EXPECT_EQ(table.enter(a), Entry::Served);
  for (int i = 0; i < 64; ++i) EXPECT_EQ(table.enter(a), Entry::Refused);
  EXPECT_EQ(table.enter(a), Entry::Dropped);
  table.leave(a, Entry::Refused);
  EXPECT_EQ(table.enter(a), Entry::Refused);
}

TEST(LimitsTest, HalfOfTheDescriptorsAreForConnections) {
  const auto within = [](std::size_t connections_max, std::uint64_t descriptors) {
    return connections_within(connections_max,
                              {.descriptors = descriptors, .memory_bytes = UINT64_MAX});
  };
  EXPECT_EQ(within(4096, 1 << 20), 4096U);
  EXPECT_EQ(within(4096, 1024), 512U);
  EXPECT_EQ(within(4096, 64), 32U);
  EXPECT_EQ(within(4096, 0), 1U);
}

TEST(LimitsTest, AQuarterOfTheMemoryIsForConnectionsAndOneForTheirBodies) {
  const Means means{.descriptors = 1 << 20, .memory_bytes = 64 << 20};
  EXPECT_EQ(connections_within(4096, means), 256U);
  EXPECT_EQ(connections_within(100, means), 100U);
  EXPECT_EQ(connections_within(4096, {.descriptors = 1 << 20, .memory_bytes = 0}), 1U);
  EXPECT_EQ(bodies_within(0, means), 16U << 20);
  EXPECT_EQ(bodies_within(100, means), 100U);
}

TEST(LimitsTest, TheDefaultsAreThoseOfTheTable) {
  const Limits limits;
  EXPECT_EQ(limits.header_bytes_max, 16U << 10);
  EXPECT_EQ(limits.header_fields_max, 100U);
  EXPECT_EQ(limits.target_bytes_max, 8U << 10);
  EXPECT_EQ(limits.header_time_max, std::chrono::seconds(10));
  EXPECT_EQ(limits.idle_time_max, std::chrono::seconds(60));
  EXPECT_EQ(limits.rate_min, 500U);
  EXPECT_FALSE(config::help(limit_options()).empty());
}

}  // namespace
}  // namespace net
