#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "deploy/endpoint_spec.h"

namespace deploy_local {

// How a replica ended.
struct End {
  int status = 0;  // Of exit; counts where signal is 0.
  int signal = 0;
  bool too_late = false;  // Killed, because it did not get ready in time.
  bool was_ready = false;
  std::string last_words;  // The end of what it wrote.
};

// What that means.
struct Verdict {
  std::string sentence;  // What is wrong, and after a semicolon the next step. No full stop.
  base::Code code = base::Code::Unavailable;
  bool hopeless = false;  // Starting it again gives the same.
};
Verdict judge(const deploy::DeploymentSpec& deployment, const End& end);

// The last error that `sooth` wrote, without its mark; else the last line.
std::string last_said(std::string_view words);

// What `sooth` exits with for an error is what its error was.
base::Code code_of_exit(int status);

}  // namespace deploy_local
