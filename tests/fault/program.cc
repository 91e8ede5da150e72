#include "program.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fault {
namespace {

// A test that cannot start its program has nothing to say.
[[noreturn]] void give_up(const std::string& what) { throw std::runtime_error(what); }

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (std::string& each : texts) list.push_back(each.data());
  list.push_back(nullptr);
  return list;
}

}  // namespace

Program::Program(const std::vector<std::string>& arguments, const std::string& root,
                 std::string scratch)
    : scratch_(std::move(scratch)) {
  int orders[2];
  int outcomes[2];
  if (::pipe2(orders, O_CLOEXEC) != 0 || ::pipe2(outcomes, O_CLOEXEC) != 0) give_up("pipe2");
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, orders[0], kOrders);
  ::posix_spawn_file_actions_adddup2(&actions, outcomes[1], kOutcomes);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, said_path().c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0600);
  std::vector<std::string> words = {SOOTH_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> environment = {std::string("LD_PRELOAD=") + SOOTH_FAULT_SHIM,
                                          std::string(kRootVariable) + "=" + root,
                                          std::string(kLogVariable) + "=" + log_path(),
                                          "HOME=" + scratch_,
                                          "LD_BIND_NOW=1",
                                          "PATH=/usr/bin:/bin"};
  const int spawned = ::posix_spawn(&pid_, SOOTH_PROGRAM, &actions, nullptr, pointers(words).data(),
                                    pointers(environment).data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(orders[0]);
  ::close(outcomes[1]);
  orders_ = orders[1];
  outcomes_ = outcomes[0];
  if (spawned != 0) give_up("posix_spawn of " SOOTH_PROGRAM);
}

Program::~Program() {
  // It ends when there are no more orders.
  ::close(orders_);
  ::close(outcomes_);
  if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
}

const Outcome& Program::run(Order order) {
  if (::truncate(said_path().c_str(), 0) != 0 && errno != ENOENT) give_up("truncate");
  if (::write(orders_, &order, sizeof order) != sizeof order) give_up("the program has gone");
  auto* at = reinterpret_cast<char*>(&outcome_);
  for (std::size_t have = 0; have < sizeof outcome_;) {
    const ssize_t got = ::read(outcomes_, at + have, sizeof outcome_ - have);
    if (got <= 0) give_up("the program has gone: " + said());
    have += static_cast<std::size_t>(got);
  }
  return outcome_;
}

std::string Program::said() const {
  std::ifstream file(said_path());
  return {std::istreambuf_iterator<char>(file), {}};
}

int exit_status(const Outcome& outcome) {
  return WIFEXITED(outcome.status) ? WEXITSTATUS(outcome.status) : -1;
}

bool tries_all() {
  const char* const asked = std::getenv("SOOTH_FAULT");
  return asked != nullptr && std::string_view(asked) == "all";
}

const char* name_of(Action action) {
  static constexpr const char* kNames[kActions] = {
      "untouched", "kill", "torn write", "short write", "EIO", "ENOSPC", "full disk", "record"};
  return kNames[static_cast<std::size_t>(action)];
}

const char* name_of(Call call) {
  static constexpr const char* kNames[kCalls] = {"open",     "create", "write",  "sync",
                                                 "hint",     "rename", "unlink", "truncate",
                                                 "allocate", "mkdir",  "chmod"};
  return kNames[static_cast<std::size_t>(call)];
}

}  // namespace fault
