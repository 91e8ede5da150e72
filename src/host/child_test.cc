#include "host/child.h"

#include <array>
#include <csignal>
#include <string>

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "host/listener.h"

namespace host {
namespace {

struct Pipe {
  Descriptor read;
  Descriptor write;
};

Pipe open_pipe() {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

std::string read_all(const Descriptor& from) {
  std::string text;
  std::array<char, 4096> bytes;
  for (ssize_t got = 0; (got = ::read(from.get(), bytes.data(), bytes.size())) > 0;) {
    text.append(bytes.data(), static_cast<std::size_t>(got));
  }
  return text;
}

ChildEnd wait_for(pid_t child) {
  siginfo_t info{};
  EXPECT_EQ(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
  const auto end = find_end(child);
  EXPECT_TRUE(end.has_value());
  return end.value_or(ChildEnd{});
}

// What a shell says that runs so.
std::string said_by(const std::string& script, std::vector<int> listeners) {
  Pipe pipe = open_pipe();
  const auto child = start_child({.program = "/bin/sh",
                                  .arguments = {"-c", script},
                                  .environment = {"A=b"},
                                  .listeners = std::move(listeners),
                                  .output = pipe.write.get()});
  EXPECT_TRUE(child.ok());
  pipe.write.close();
  std::string said = read_all(pipe.read);
  EXPECT_EQ(wait_for(*child).status, 0);
  return said;
}

TEST(ChildTest, InheritsSocketsByTheConvention) {
  const auto first = listen_alone(0);
  const auto second = listen_alone(0);
  ASSERT_TRUE(first.ok() && second.ok());
  const std::string said =
      said_by("echo $LISTEN_FDS; test $LISTEN_PID = $$ && echo mine; echo $A; ls /proc/$$/fd",
              {first->get(), second->get()});
  EXPECT_EQ(said, "2\nmine\nb\n0\n1\n2\n3\n4\n");
}

TEST(ChildTest, TheSocketsAreThoseThatWereGivenInTheirOrder) {
  const auto first = listen_alone(0);
  const auto second = listen_alone(0);
  ASSERT_TRUE(first.ok() && second.ok());
  const auto inode = [](const Descriptor& socket) {
    std::array<char, 64> link{};
    const std::string path = "/proc/self/fd/" + std::to_string(socket.get());
    EXPECT_GT(::readlink(path.c_str(), link.data(), link.size() - 1), 0);
    return std::string(link.data());
  };
  EXPECT_EQ(said_by("readlink /proc/$$/fd/3 /proc/$$/fd/4", {second->get(), first->get()}),
            inode(*second) + "\n" + inode(*first) + "\n");
}

TEST(ChildTest, WithoutSocketsItIsToldOfNone) {
  EXPECT_EQ(said_by("echo \"${LISTEN_FDS-none}\"; ls /proc/$$/fd", {}), "none\n0\n1\n2\n");
}

TEST(ChildTest, SaysHowItEnded) {
  const Pipe pipe = open_pipe();
  const auto run = [&](const std::string& script) {
    return wait_for(*start_child({.program = "/bin/sh",
                                  .arguments = {"-c", script},
                                  .environment = {},
                                  .listeners = {},
                                  .output = pipe.write.get()}));
  };
  EXPECT_EQ(run("exit 8").status, 8);
  EXPECT_EQ(run("kill -9 $$").signal, SIGKILL);
  const auto missing = start_child({.program = "/nowhere/at/all",
                                    .arguments = {},
                                    .environment = {},
                                    .listeners = {},
                                    .output = pipe.write.get()});
  ASSERT_TRUE(missing.ok());
  EXPECT_EQ(wait_for(*missing).status, 127);
}

// Ends within the time that a poll waits for.
bool ends(int handle) {
  pollfd waited{handle, POLLIN, 0};
  return ::poll(&waited, 1, 30'000) == 1;
}

TEST(ChildTest, DiesWithTheProcessThatStartedIt) {
  Pipe pipe = open_pipe();
  const pid_t starter = ::fork();
  ASSERT_GE(starter, 0);
  if (starter == 0) {
    const Descriptor null(::open("/dev/null", O_WRONLY));
    const auto child = start_child({.program = "/bin/sh",
                                    .arguments = {"-c", "exec sleep 1000"},
                                    .environment = {"PATH=/usr/bin:/bin"},
                                    .listeners = {},
                                    .output = null.get()});
    const pid_t pid = child.ok() ? *child : -1;
    if (::write(pipe.write.get(), &pid, sizeof pid) != sizeof pid) ::_exit(1);
    ::pause();
    ::_exit(0);
  }
  pid_t child = -1;
  ASSERT_EQ(::read(pipe.read.get(), &child, sizeof child), static_cast<ssize_t>(sizeof child));
  const Descriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, child, 0U)));
  ASSERT_TRUE(handle);
  ::kill(starter, SIGKILL);
  EXPECT_EQ(wait_for(starter).signal, SIGKILL);
  EXPECT_TRUE(ends(handle.get()));
}

}  // namespace
}  // namespace host
