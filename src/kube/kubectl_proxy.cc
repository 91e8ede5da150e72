#include "kube/kubectl_proxy.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"

namespace kube {
namespace {

using base::Code;
using base::Error;
using base::Result;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kLead = "Starting to serve on ";
constexpr std::size_t kOutputBytesMax = 16U << 10U;
constexpr std::string_view kExecFailed = "\x01";

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// Between fork and exec: only what is safe there.
[[noreturn]] void become(const char* program, char* const* arguments, char* const* environment,
                         int output, pid_t parent) {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  // However this process ends, the proxy does not outlive it.
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  const int nothing = ::open("/dev/null", O_RDONLY);
  if (nothing >= 0 && ::getppid() == parent && ::dup2(nothing, STDIN_FILENO) >= 0 &&
      ::dup2(output, STDOUT_FILENO) >= 0 && ::dup2(output, STDERR_FILENO) >= 0) {
    ::execve(program, arguments, environment);
  }
  static_cast<void>(::write(output, kExecFailed.data(), kExecFailed.size()) < 0);
  ::_exit(127);
}

int wait_ms(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1'000'000));
}

// Output until a whole line says where it listens.
Result<net::Url> read_address(int output, Clock::time_point deadline) {
  std::string text;
  for (;;) {
    pollfd waited{output, POLLIN, 0};
    const int ready = ::poll(&waited, 1, wait_ms(deadline));
    if (ready < 0 && errno != EINTR) return base::system_error("kubectl proxy", errno);
    if (ready == 0) return Error(Code::Deadline, "kubectl proxy: deadline exceeded at its start");
    std::array<char, 1024> bytes{};
    const ssize_t got = ready > 0 ? ::read(output, bytes.data(), bytes.size()) : -1;
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) break;
    text.append(bytes.data(), static_cast<std::size_t>(got));
    if (text == kExecFailed) return Error(Code::Unavailable, "kubectl: it could not be started");
    for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos;
         at = end + 1) {
      auto url = parse_proxy_line(std::string_view(text).substr(at, end - at));
      if (url.ok()) return url;
    }
    if (text.size() > kOutputBytesMax) break;
  }
  while (text.ends_with('\n')) text.pop_back();
  const std::string_view last = std::string_view(text).substr(text.rfind('\n') + 1);
  return Error(Code::Unavailable,
               fmt::format("kubectl proxy: it ended: {}", base::printable(last)));
}

}  // namespace

Result<net::Url> parse_proxy_line(std::string_view line) {
  if (!line.starts_with(kLead)) {
    return Error(Code::Invalid, "kubectl proxy: expected the address that it serves on");
  }
  TRY_ASSIGN(net::Url url, net::Url::parse(fmt::format("http://{}", line.substr(kLead.size()))));
  if (!url.origin.loopback()) {
    return Error(Code::Denied, "kubectl proxy: expected a loopback address");
  }
  return url;
}

Result<std::unique_ptr<KubectlProxy>> KubectlProxy::start(const Options& options,
                                                          Clock::time_point deadline) {
  std::vector<std::string> arguments = {"kubectl", "proxy", "--port=0"};
  if (!options.context.empty()) arguments.push_back("--context=" + options.context);
  std::vector<std::string> environment = options.environment;
  const auto argument_pointers = pointers(arguments);
  const auto environment_pointers = pointers(environment);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return base::system_error("kubectl proxy", errno);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    become(options.program.c_str(), argument_pointers.data(), environment_pointers.data(), ends[1],
           parent);
  }
  const int problem = errno;
  ::close(ends[1]);
  if (pid < 0) {
    ::close(ends[0]);
    return base::system_error("kubectl proxy", problem);
  }
  std::unique_ptr<KubectlProxy> proxy(new KubectlProxy(pid, ends[0]));
  TRY_ASSIGN(proxy->url_, read_address(ends[0], deadline));
  return proxy;
}

KubectlProxy::~KubectlProxy() {
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  ::close(output_);
}

}  // namespace kube
