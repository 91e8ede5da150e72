#include "threads/process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/text.h"

namespace threads {
namespace {

using base::Code;
using base::Error;
using Clock = std::chrono::steady_clock;

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() { close(); }
  int get() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
};

struct Pipe {
  Descriptor read;
  Descriptor write;
};

Error system_error(std::string_view doing, int error) {
  std::array<char, 128> text{};
  const Code code = error == ENOENT   ? Code::NotFound
                    : error == EACCES ? Code::Denied
                                      : Code::Unavailable;
  return {code, fmt::format("{}: {}", doing, ::strerror_r(error, text.data(), text.size()))};
}

base::Result<Pipe> open_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_error("pipe", errno);
  Pipe pipe{Descriptor(ends[0]), Descriptor(ends[1])};
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return pipe;
}

// The input lies in memory and is read like a file: no thread has to feed it, and a child that
// does not read it stops nobody.
base::Result<Descriptor> open_input(const std::string& input) {
  Descriptor file(::memfd_create("input", MFD_CLOEXEC));
  if (file.get() < 0) return system_error("input", errno);
  for (std::size_t at = 0; at < input.size();) {
    const ssize_t put = ::write(file.get(), input.data() + at, input.size() - at);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return system_error("input", errno);
    at += static_cast<std::size_t>(put);
  }
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

// What posix_spawn is told, freed at the end.
class SpawnPlan {
 public:
  SpawnPlan(int input, int output, int errors) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    sigset_t signals;
    ::sigfillset(&signals);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
    ::sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  base::Result<pid_t> spawn(const ProcessRequest& request) const {
    const std::size_t slash = request.program.rfind('/');
    std::vector<std::string> texts = {request.program.substr(slash + 1)};
    texts.insert(texts.end(), request.arguments.begin(), request.arguments.end());
    std::vector<std::string> environment = request.environment;
    pid_t pid = -1;
    const int problem = ::posix_spawn(&pid, request.program.c_str(), &actions_, &attributes_,
                                      pointers(texts).data(), pointers(environment).data());
    if (problem != 0) return system_error("start", problem);
    return pid;
  }

 private:
  static std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (std::string& text : texts) out.push_back(text.data());
    out.push_back(nullptr);
    return out;
  }

  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

// A child that has been started and not yet been waited for: killed where it is left alone.
class Child {
 public:
  explicit Child(pid_t pid)
      : pid_(pid), handle_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U))) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    wait();
  }

  int handle() const { return handle_.get(); }

  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }

 private:
  pid_t pid_;
  Descriptor handle_;
};

// Reads what is there. False: nothing more will come.
bool drain(Descriptor& from, std::string& into, std::size_t ceiling) {
  std::array<char, 16 << 10> bytes;
  for (;;) {
    const ssize_t got = ::read(from.get(), bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return true;
    if (got <= 0) {
      from.close();
      return false;
    }
    const std::size_t room = ceiling - std::min(ceiling, into.size());
    into.append(bytes.data(), std::min(static_cast<std::size_t>(got), room));
  }
}

int wait_ms(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1'000'000'000));
}

// Reads both until the child has ended (not until the pipes have: what the child left running in
// the background may hold them).
base::Result<void> read_until_end(const Child& child, Descriptor& output, Descriptor& errors,
                                  std::size_t ceiling, ProcessOutcome& outcome,
                                  Clock::time_point deadline) {
  for (bool ended = false; !ended;) {
    std::array<pollfd, 3> waited = {pollfd{child.handle(), POLLIN, 0},
                                    pollfd{output.get(), POLLIN, 0},
                                    pollfd{errors.get(), POLLIN, 0}};
    const int ready = ::poll(waited.data(), waited.size(), wait_ms(deadline));
    if (ready < 0 && errno != EINTR) return system_error("wait", errno);
    if (ready == 0 && Clock::now() >= deadline) {
      return Error(Code::Deadline, "deadline exceeded; it was killed");
    }
    ended = ready > 0 && waited[0].revents != 0;
    if (output.get() >= 0) drain(output, outcome.output, ceiling + 1);
    if (errors.get() >= 0) drain(errors, outcome.errors, ceiling);
    if (outcome.output.size() > ceiling) {
      return Error(Code::Exhausted, fmt::format("expected output of at most {}, got more; it was "
                                                "killed",
                                                base::human_bytes(ceiling)));
    }
  }
  return {};
}

base::Result<ProcessOutcome> run(const ProcessRequest& request, Clock::time_point deadline) {
  TRY_ASSIGN(const Descriptor input, open_input(request.input));
  TRY_ASSIGN(Pipe output, open_pipe());
  TRY_ASSIGN(Pipe errors, open_pipe());
  const SpawnPlan plan(input.get(), output.write.get(), errors.write.get());
  TRY_ASSIGN(const pid_t pid, plan.spawn(request));
  Child child(pid);
  if (child.handle() < 0) return system_error("watch", errno);
  output.write.close();
  errors.write.close();
  ProcessOutcome result;
  TRY(read_until_end(child, output.read, errors.read, request.output_bytes_max, result, deadline));
  result.status = child.wait();
  return result;
}

}  // namespace

base::Result<ProcessOutcome> run_process(const ProcessRequest& request,
                                         Clock::time_point deadline) {
  auto outcome = run(request, deadline);
  if (!outcome.ok()) {
    return std::move(outcome).error().within("program " + base::quote(request.program));
  }
  return outcome;
}

std::optional<std::string> find_program(std::string_view name, std::string_view search_path) {
  if (name.empty() || name.find('/') != std::string_view::npos) return std::nullopt;
  while (!search_path.empty()) {
    const std::size_t end = std::min(search_path.find(':'), search_path.size());
    const std::string_view folder = search_path.substr(0, end);
    search_path.remove_prefix(std::min(end + 1, search_path.size()));
    if (!folder.starts_with('/')) continue;
    std::string path = fmt::format("{}/{}", folder, name);
    struct stat about {};
    const bool file = ::stat(path.c_str(), &about) == 0 && S_ISREG(about.st_mode);
    if (file && ::access(path.c_str(), X_OK) == 0) return path;
  }
  return std::nullopt;
}

}  // namespace threads
