#include "host/child.h"

#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "host/service_manager.h"

namespace host {
namespace {

using base::Result;

// Above every descriptor that the child ends up with.
constexpr int kAside = 128;
constexpr int kExecFailed = 127;
constexpr char kListenPid[] = "LISTEN_PID=";

// Everything that the child needs, laid out before it exists: between fork and exec nothing may be
// allocated.
class Plan {
 public:
  explicit Plan(const ChildRequest& request) : request_(request) {
    texts_ = {request.program};
    texts_.insert(texts_.end(), request.arguments.begin(), request.arguments.end());
    variables_ = request.environment;
    if (!request.listeners.empty()) {
      variables_.push_back("LISTEN_FDS=" + std::to_string(request.listeners.size()));
      // Its number is written in once it has one.
      variables_.push_back(kListenPid + std::string(20, '\0'));
    }
    for (std::string& each : texts_) arguments_.push_back(each.data());
    for (std::string& each : variables_) environment_.push_back(each.data());
    arguments_.push_back(nullptr);
    environment_.push_back(nullptr);
  }

  // In the child; comes back only where it failed.
  void become(pid_t parent) {
    if (request_.outlives) {
      // Neither a terminal nor a folder holds it, and it holds neither.
      if (::setsid() < 0 || ::chdir("/") != 0) return;
    } else {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      // The parent may have died before it was asked for.
      if (::getppid() != parent) return;
    }
    if (!take_descriptors()) return;
    if (!request_.listeners.empty()) write_number(variables_.back().data() + sizeof kListenPid - 1);
    reset_signals();
    ::execve(texts_.front().c_str(), arguments_.data(), environment_.data());
  }

 private:
  bool take_descriptors() const {
    // First out of the way, so that none is closed by another's coming.
    int aside[kListenersMax + 1];
    const std::size_t count = request_.listeners.size();
    for (std::size_t i = 0; i < count; ++i) {
      aside[i] = ::fcntl(request_.listeners[i], F_DUPFD_CLOEXEC, kAside);
      if (aside[i] < 0) return false;
    }
    const int output = ::fcntl(request_.output, F_DUPFD_CLOEXEC, kAside);
    const int input = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (output < 0 || input < 0 || ::dup2(input, STDIN_FILENO) < 0) return false;
    if (::dup2(output, STDOUT_FILENO) < 0 || ::dup2(output, STDERR_FILENO) < 0) return false;
    for (std::size_t i = 0; i < count; ++i) {
      if (::dup2(aside[i], kFirstListener + static_cast<int>(i)) < 0) return false;
    }
    return ::close_range(static_cast<unsigned>(kFirstListener + count), ~0U, 0) == 0;
  }

  static void write_number(char* into) {
    char digits[20];
    int count = 0;
    for (pid_t left = ::getpid(); left > 0; left /= 10) {
      digits[count++] = static_cast<char>('0' + left % 10);
    }
    while (count > 0) *into++ = digits[--count];
    *into = '\0';
  }

  static void reset_signals() {
    for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
  }

  const ChildRequest& request_;
  std::vector<std::string> texts_;
  std::vector<std::string> variables_;
  std::vector<char*> arguments_;
  std::vector<char*> environment_;
};

}  // namespace

Result<pid_t> start_child(const ChildRequest& request) {
  if (request.listeners.size() > kListenersMax) return base::system_error("listeners", EMFILE);
  Plan plan(request);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return base::system_error(request.program, errno);
  if (child == 0) {
    plan.become(parent);
    ::_exit(kExecFailed);
  }
  return child;
}

std::optional<ChildEnd> find_end(pid_t child) {
  int status = 0;
  const pid_t ended = ::waitpid(child, &status, WNOHANG);
  if (ended == 0 || (ended < 0 && errno == EINTR)) return std::nullopt;
  if (ended < 0) return ChildEnd{.status = kExecFailed, .signal = 0};  // Nobody's child any more.
  if (WIFSIGNALED(status)) return ChildEnd{.status = 0, .signal = WTERMSIG(status)};
  return ChildEnd{.status = WEXITSTATUS(status), .signal = 0};
}

}  // namespace host
