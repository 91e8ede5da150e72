#include "served.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "host/child.h"
#include "host/listener.h"

namespace server_fault {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

steady_clock::time_point soon() { return steady_clock::now() + std::chrono::minutes(1); }

std::vector<std::string> command_of(const Served::Options& options) {
  std::vector<std::string> words = options.limits;
  if (!words.empty()) words.insert(words.begin(), "/usr/bin/prlimit");
  words.insert(words.end(),
               {SOOTH_PROGRAM, "serve",
                std::string(SOOTH_SOURCE_DIR) + "/tests/scenario/data/passengers.joblib"});
  if (options.open) words.emplace_back("--open");
  words.insert(words.end(), options.arguments.begin(), options.arguments.end());
  return words;
}

}  // namespace

Folder::Folder() {
  std::string name = (fs::temp_directory_path() / "sooth-fault.XXXXXX").string();
  path_ = ::mkdtemp(name.data());
}

Folder::~Folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Served::Served(Options options)
    : options_(std::move(options)),
      notices_(*host::Notices::open()),
      listener_(*host::listen_alone(0)) {
  start();
}

void Served::start() {
  ASSERT_EQ(pid_, -1);
  const std::string path = options_.output.empty() ? "/dev/null" : options_.output;
  const host::Descriptor output(
      ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  std::vector<std::string> words = command_of(options_);
  const std::string program = words.front();
  words.erase(words.begin());
  std::vector<std::string> environment = options_.environment;
  environment.push_back("NOTIFY_SOCKET=" + notices_.name());
  const auto child = host::start_child({.program = program,
                                        .arguments = std::move(words),
                                        .environment = std::move(environment),
                                        .listeners = {listener_.get()},
                                        .output = output.get()});
  ASSERT_TRUE(child.ok()) << child.error().message();
  pid_ = *child;
  for (;;) {
    pollfd waited{notices_.handle(), POLLIN, 0};
    ASSERT_EQ(::poll(&waited, 1, 120'000), 1) << "it does not get ready";
    const auto notice = notices_.next();
    if (notice && notice->ready && notice->pid == pid_) return;
  }
}

void Served::kill() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(std::exchange(pid_, -1), nullptr, 0);
}

int Served::stop() {
  ::kill(pid_, SIGTERM);
  int status = 0;
  ::waitpid(std::exchange(pid_, -1), &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool Served::has_ended() {
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return false;
  pid_ = -1;
  return true;
}

std::uint16_t Served::port() const { return host::port_of(listener_); }

std::string request(int number, const std::string& fields) {
  const std::string body = R"({"data":[{"age":)" + std::to_string(20 + 3 * number) + R"(,"fare":)" +
                           std::to_string(5 + 7 * number) +
                           R"(,"port":"Oslo"}],"method":"predict_proba"})";
  return "POST /score HTTP/1.1\r\nHost: x\r\n" + fields +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::optional<Answer> read_answer(net::BlockingSocket& socket, std::chrono::milliseconds limit) {
  const auto deadline = steady_clock::now() + limit;
  std::string text;
  for (;;) {
    const std::size_t end = text.find("\r\n\r\n");
    const std::size_t at = text.find("Content-Length: ");
    if (end != std::string::npos && at < end) {
      const std::size_t whole = end + 4 + std::stoul(text.substr(at + 16));
      EXPECT_LE(text.size(), whole) << text;
      if (text.size() >= whole) {
        return Answer{std::stoi(text.substr(9, 3)), text.substr(0, end + 4), text.substr(end + 4)};
      }
    }
    const auto got = socket.receive(text, deadline);
    if (!got.ok() || *got == 0) return std::nullopt;
  }
}

std::optional<net::BlockingSocket> connect(std::uint16_t port) {
  auto socket = net::BlockingSocket::connect("127.0.0.1", port, soon());
  if (!socket.ok()) return std::nullopt;
  return *std::move(socket);
}

std::optional<Answer> ask(std::uint16_t port, const std::string& text) {
  auto socket = connect(port);
  if (!socket || !socket->send(text, soon()).ok()) return std::nullopt;
  return read_answer(*socket);
}

std::vector<std::string> right_answers(std::uint16_t port) {
  std::vector<std::string> bodies;
  for (int i = 0; i < kRequests; ++i) {
    const auto answer = ask(port, request(i));
    EXPECT_TRUE(answer && answer->status == 200) << i;
    bodies.push_back(answer ? answer->body : "");
    for (int j = 0; j < i; ++j) EXPECT_NE(bodies[static_cast<std::size_t>(j)], bodies.back());
  }
  return bodies;
}

double processor_seconds(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  // Behind the name in brackets, the 12th and 13th are user and system time.
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string word;
  double ticks = 0;
  for (int i = 0; i < 13 && fields >> word; ++i) {
    if (i >= 11) ticks += std::stod(word);
  }
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::uint64_t memory_of(pid_t pid, const std::string& name) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(name + ":")) return std::stoull(line.substr(name.size() + 1)) << 10;
  }
  return 0;
}

bool wants_all() {
  const char* const wanted = std::getenv("SOOTH_FAULT");
  return wanted != nullptr && std::string(wanted) == "all";
}

}  // namespace server_fault
