#include "host/listener.h"

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <gtest/gtest.h>

#include "host/shared_port.h"

namespace host {
namespace {

using base::Code;

bool connect_to(std::uint16_t port) {
  const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

// How many wait to be accepted; takes them.
int take_all(int listener) {
  int count = 0;
  for (;;) {
    const Descriptor accepted(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
    if (!accepted) return count;
    ++count;
  }
}

// Within five standard deviations of a binomial: one run in two million is further off by chance.
void expect_share(int got, int all, double share) {
  const double expected = all * share;
  EXPECT_LE(std::abs(got - expected), 5 * std::sqrt(all * share * (1 - share))) << got;
}

constexpr int kConnections = 2'000;

TEST(ListenerTest, ConnectionsAreSharedByWeight) {
  const auto first = listen_first(0);
  ASSERT_TRUE(first.ok()) << first.error().message();
  const std::uint16_t port = port_of(*first);
  const auto second = listen_beside(port);
  const auto third = listen_beside(port);
  const auto fourth = listen_beside(port);
  ASSERT_TRUE(second.ok() && third.ok() && fourth.ok());
  const std::array shares = {Share{0, 70}, Share{1, 0}, Share{2, 25}, Share{3, 5}};
  const auto shared = share_connections(*first, shares);
  ASSERT_TRUE(shared.ok()) << shared.error().message();
  for (int i = 0; i < kConnections; ++i) ASSERT_TRUE(connect_to(port));
  expect_share(take_all(first->get()), kConnections, 0.70);
  EXPECT_EQ(take_all(second->get()), 0);
  expect_share(take_all(third->get()), kConnections, 0.25);
  expect_share(take_all(fourth->get()), kConnections, 0.05);
}

TEST(ListenerTest, TheProgramDrawsAndCompares) {
  const auto program = sharing_program(std::array{Share{0, 90}, Share{1, 0}, Share{2, 10}});
  ASSERT_EQ(program.size(), 5U);
  EXPECT_EQ(program[1].k, 100U);  // Of a hundred,
  EXPECT_EQ(program[2].k, 90U);   // below 90
  EXPECT_EQ(program[3].k, 0U);    // the first,
  EXPECT_EQ(program[4].k, 2U);    // else the third.
  EXPECT_EQ(sharing_program(std::array{Share{3, 100}}).back().k, 3U);
}

TEST(ListenerTest, APortIsNobodyElses) {
  const auto shared = listen_first(0);
  ASSERT_TRUE(shared.ok());
  const std::uint16_t port = port_of(*shared);
  EXPECT_FALSE(is_free(port));
  // Though it would be shared.
  const auto second = listen_first(port);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code(), Code::Conflict);
  EXPECT_EQ(second.error().message(),
            "port " + std::to_string(port) + " of 127.0.0.1: Address already in use");
  const auto alone = listen_alone(0);
  ASSERT_TRUE(alone.ok());
  EXPECT_FALSE(listen_first(port_of(*alone)).ok());
}

TEST(SharedPortTest, APlaceThatIsFreeIsTakenOver) {
  const auto probe = listen_alone(0);
  ASSERT_TRUE(probe.ok());
  auto port = SharedPort::open(0);
  ASSERT_TRUE(port.ok()) << port.error().message();
  const auto blue = port->sockets_of("blue");
  const auto green = port->sockets_of("green");
  ASSERT_TRUE(blue.ok() && green.ok());
  EXPECT_EQ(*port->sockets_of("blue"), *blue);
  EXPECT_NE(blue->front(), green->front());
  EXPECT_NE(port->own_port("blue"), port->own_port("green"));
  port->release("blue");
  EXPECT_EQ(port->deployments(), std::vector<std::string>{"green"});
  EXPECT_EQ(port->own_port("blue"), 0);
  const auto grey = port->sockets_of("grey");
  ASSERT_TRUE(grey.ok());
  EXPECT_EQ(grey->front(), blue->front());
}

TEST(SharedPortTest, SharesBetweenDeploymentsAlsoAfterOneIsGone) {
  auto port = SharedPort::open(0);
  ASSERT_TRUE(port.ok());
  const int blue = port->sockets_of("blue")->front();
  const int green = port->sockets_of("green")->front();
  Descriptor named(::dup(blue));
  const std::uint16_t number = port_of(named);
  // Whom nothing was promised gets nothing, and neither do those that are not there.
  ASSERT_TRUE(port->share({{"green", 100}, {"grey", 50}}).ok());
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(connect_to(number));
  EXPECT_EQ(take_all(blue), 0);
  EXPECT_EQ(take_all(green), 100);
  port->release("blue");
  ASSERT_TRUE(port->share({{"green", 100}}).ok());
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(connect_to(number));
  EXPECT_EQ(take_all(green), 100);
  ASSERT_TRUE(port->sockets_of("grey").ok());
  ASSERT_TRUE(port->share({{"grey", 80}, {"green", 20}}).ok());
  for (int i = 0; i < kConnections; ++i) ASSERT_TRUE(connect_to(number));
  expect_share(take_all(blue), kConnections, 0.80);
  expect_share(take_all(green), kConnections, 0.20);
}

}  // namespace
}  // namespace host
