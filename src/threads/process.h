#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace threads {

// A child process that gets some input and gives some output, started without a shell. It sees
// exactly the environment given, no descriptors but its standard three, and default signals.
struct ProcessRequest {
  std::string program;                   // Path; see find_program().
  std::vector<std::string> arguments;    // Behind the program's own name.
  std::vector<std::string> environment;  // "NAME=value"
  std::string input;                     // What it reads on standard input.
  std::size_t output_bytes_max = 1 << 20;
};

struct ProcessOutcome {
  int status = 0;      // As shells have it: 128 + signal where it was ended by one.
  std::string output;  // Standard output, whole.
  std::string errors;  // Standard error, cut at output_bytes_max.
};

// Runs it to its end. Never repeats arguments, input or output in messages. NotFound: no such
// program · Denied: not executable · Deadline, Exhausted (too much output): it was killed. What
// the child itself started is not waited for.
base::Result<ProcessOutcome> run_process(const ProcessRequest& request,
                                         std::chrono::steady_clock::time_point deadline);

// The first executable file of that name in a list of folders separated by ':' (a PATH). `name`
// holds no '/'. Relative folders are passed over: the current folder may be anybody's.
std::optional<std::string> find_program(std::string_view name, std::string_view search_path);

}  // namespace threads
