#include <array>
#include <csignal>
#include <string>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <gtest/gtest.h>

#include "endpoint.h"
#include "host/child.h"
#include "host/listener.h"
#include "host/notices.h"

namespace local {
namespace {

// `sooth serve` under a service manager, which is this test.
class ServeTest : public testing::Test {
 protected:
  ServeTest() : notices_(*host::Notices::open()) {}
  ~ServeTest() override {
    if (child_ > 0) ::kill(child_, SIGKILL);
    if (child_ > 0) ::waitpid(child_, nullptr, 0);
  }

  void start(std::vector<int> listeners) {
    const host::Descriptor null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    const auto child = host::start_child(
        {.program = SOOTH_PROGRAM,
         .arguments = {"serve",
                       std::string(SOOTH_SOURCE_DIR) + "/tests/scenario/data/passengers.joblib",
                       "--open"},
         .environment = {"NOTIFY_SOCKET=" + notices_.name()},
         .listeners = std::move(listeners),
         .output = null.get()});
    ASSERT_TRUE(child.ok()) << child.error().message();
    child_ = *child;
  }
  host::Notices::Notice next_notice() {
    pollfd waited{notices_.handle(), POLLIN, 0};
    EXPECT_EQ(::poll(&waited, 1, 60'000), 1);
    return notices_.next().value_or(host::Notices::Notice());
  }
  int status() {
    int status = 0;
    EXPECT_EQ(::waitpid(std::exchange(child_, -1), &status, 0) > 0, true);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  host::Notices notices_;
  pid_t child_ = -1;
};

TEST_F(ServeTest, TakesSocketsAndSaysHowItGoes) {
  const auto first = host::listen_alone(0);
  const auto second = host::listen_alone(0);
  ASSERT_TRUE(first.ok() && second.ok());
  start({first->get(), second->get()});
  const auto ready = next_notice();
  EXPECT_TRUE(ready.ready);
  EXPECT_EQ(ready.pid, child_);
  EXPECT_EQ(ask(host::port_of(*first)), 200);
  EXPECT_EQ(ask(host::port_of(*second)), 200);
  ::kill(child_, SIGTERM);
  EXPECT_TRUE(next_notice().stopping);
  EXPECT_EQ(status(), 0);
}

TEST_F(ServeTest, RefusesASocketThatStrangersReach) {
  const host::Descriptor open(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in any{};
  any.sin_family = AF_INET;
  ASSERT_EQ(::bind(open.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any), 0);
  ASSERT_EQ(::listen(open.get(), 1), 0);
  start({open.get()});
  EXPECT_EQ(status(), 5);
}

}  // namespace
}  // namespace local
