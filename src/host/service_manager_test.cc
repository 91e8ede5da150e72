#include "host/service_manager.h"

#include <string>

#include <unistd.h>

#include <gtest/gtest.h>

#include "host/notices.h"

namespace host {
namespace {

TEST(ServiceManagerTest, SocketsAreForTheProcessThatIsNamed) {
  const struct {
    const char* pid;
    const char* fds;
    std::vector<int> listeners;
  } cases[] = {{"", "", {}},   {"42", "2", {3, 4}}, {"41", "2", {}}, {"", "2", {}},
               {"42", "", {}}, {"42", "0", {}},     {"41", "x", {}}};
  for (const auto& each : cases) {
    const auto manager = read_service_manager(each.pid, each.fds, "", 42);
    ASSERT_TRUE(manager.ok()) << manager.error().message();
    EXPECT_EQ(manager->listeners, each.listeners) << each.pid << " " << each.fds;
  }
}

TEST(ServiceManagerTest, RefusesWhatIsNoNumber) {
  const struct {
    const char* pid;
    const char* fds;
    const char* message;
  } cases[] = {
      {"me", "1", "LISTEN_PID: expected the number of a process, got \"me\""},
      {"-1", "1", "LISTEN_PID: expected the number of a process, got \"-1\""},
      {"42", "two", "LISTEN_FDS: expected 0 to 64, got \"two\""},
      {"42", "65", "LISTEN_FDS: expected 0 to 64, got \"65\""},
      {"42", "1 ", "LISTEN_FDS: expected 0 to 64, got \"1 \""},
  };
  for (const auto& each : cases) {
    const auto manager = read_service_manager(each.pid, each.fds, "", 42);
    ASSERT_FALSE(manager.ok()) << each.message;
    EXPECT_EQ(manager.error().message(), each.message);
  }
}

TEST(ServiceManagerTest, HearsWhoSaysWhat) {
  auto notices = Notices::open();
  ASSERT_TRUE(notices.ok()) << notices.error().message();
  EXPECT_FALSE(notices->next().has_value());
  const auto manager = read_service_manager("", "", notices->name(), 42);
  ASSERT_TRUE(manager.ok());
  ASSERT_TRUE(notify(*manager, "READY=1").ok());
  ASSERT_TRUE(notify(*manager, "STATUS=READY=1\nSTOPPING=1\n").ok());
  const auto first = notices->next();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->pid, ::getpid());
  EXPECT_TRUE(first->ready);
  EXPECT_FALSE(first->stopping);
  const auto second = notices->next();
  ASSERT_TRUE(second.has_value());
  EXPECT_FALSE(second->ready);
  EXPECT_TRUE(second->stopping);
  EXPECT_FALSE(notices->next().has_value());
}

TEST(ServiceManagerTest, WhereNobodyListensItIsAnError) {
  EXPECT_TRUE(notify({}, "READY=1").ok());
  EXPECT_FALSE(notify({.listeners = {}, .notify_socket = "/nowhere/at/all"}, "READY=1").ok());
  EXPECT_EQ(notify({.listeners = {}, .notify_socket = "nowhere"}, "READY=1").error().message(),
            "NOTIFY_SOCKET: expected a path or @name of at most 107 bytes, got \"nowhere\"");
}

}  // namespace
}  // namespace host
