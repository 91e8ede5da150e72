#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "protocol.h"

namespace fault {

// The real program with one command line, run as often as it is asked, and made to fail where it
// is told to. What it says on standard error is kept of the last run.
class Program {
 public:
  // `scratch` is a folder for the log and for what is said; only files beneath `root` count.
  Program(const std::vector<std::string>& arguments, const std::string& root, std::string scratch);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program();

  const Outcome& run(Order order = {});
  std::string said() const;
  std::string log_path() const { return scratch_ + "/log"; }

 private:
  std::string said_path() const { return scratch_ + "/said"; }

  std::string scratch_;
  pid_t pid_ = -1;
  int orders_ = -1;
  int outcomes_ = -1;
  Outcome outcome_;
};

// Exit status of a run that ended by itself; -1: it was killed.
int exit_status(const Outcome& outcome);

// The highest that the program gives by itself, but for a signal of the user's.
inline constexpr int kStatusMax = 9;

// Whether SOOTH_FAULT asks for all that can go wrong (make fault), not for a part of it.
bool tries_all();

// Names for what is printed.
const char* name_of(Action action);
const char* name_of(Call call);

}  // namespace fault
