#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "host/descriptor.h"
#include "host/notices.h"
#include "net/blocking_socket.h"

namespace server_fault {

// A folder that goes with the test.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();
  std::string path(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

// The real `sooth serve` of a small model, on a port that the test holds: it may die and be started
// again, and its clients find the next one where the first was. Ends with the test.
class Served {
 public:
  struct Options {
    std::vector<std::string> arguments;    // Behind `sooth serve MODEL`.
    std::vector<std::string> environment;  // "NAME=value"
    std::vector<std::string> limits;       // As prlimit(1) has them: "--nofile=64".
    bool open = true;                      // Asks for no key.
    std::string output;                    // Where both of its outputs go; none: nowhere.
  };
  explicit Served(Options options);
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;
  ~Served() { kill(); }

  // Waits until it is ready.
  void start();
  // With SIGKILL.
  void kill();
  // With SIGTERM, and waits: its exit status, -1 where a signal ended it.
  int stop();
  // Whether it has ended by itself.
  bool has_ended();

  pid_t pid() const { return pid_; }
  std::uint16_t port() const;

 private:
  Options options_;
  host::Notices notices_;
  host::Descriptor listener_;
  pid_t pid_ = -1;
};

// Requests of which no two have the same answer.
constexpr int kRequests = 16;
std::string request(int number, const std::string& fields = "");

struct Answer {
  int status = 0;
  std::string head;
  std::string body;
};
// The next answer, if it comes whole in time. What arrives behind it is a defect.
std::optional<Answer> read_answer(net::BlockingSocket& socket,
                                  std::chrono::milliseconds limit = std::chrono::minutes(1));
std::optional<net::BlockingSocket> connect(std::uint16_t port);
// Over a connection of its own.
std::optional<Answer> ask(std::uint16_t port, const std::string& text);

// What the server answers to each request while nothing is wrong.
std::vector<std::string> right_answers(std::uint16_t port);

// Seconds of processor time that it has used so far.
double processor_seconds(pid_t pid);
// A line of /proc/PID/status, in bytes: "VmHWM".
std::uint64_t memory_of(pid_t pid, const std::string& name);

// Whether the long form of the tests is wanted: SOOTH_FAULT=all.
bool wants_all();

}  // namespace server_fault
