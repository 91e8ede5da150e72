#include <chrono>
#include <string>

#include <unistd.h>

#include "cli/run.h"
#include "cli/stream.h"
#include "cli/world.h"

int main(int argc, char** argv) {
  cli::DescriptorSource in(STDIN_FILENO, "standard input");
  cli::DescriptorSink out(STDOUT_FILENO, "standard output");
  cli::DescriptorSink err(STDERR_FILENO, "standard error");
  cli::World world{.arguments = {argv + (argc > 0 ? 1 : 0), argv + argc},
                   .in = in,
                   .out = out,
                   .err = err,
                   .err_is_terminal = ::isatty(STDERR_FILENO) == 1,
                   .now = std::chrono::steady_clock::now};
  return cli::run(world);
}
