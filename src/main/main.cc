#include <chrono>
#include <cstdlib>
#include <string>

#include <pwd.h>
#include <unistd.h>

#include "cli/run.h"
#include "cli/stream.h"
#include "cli/world.h"

namespace {

std::string user_name() {
  const passwd* entry = ::getpwuid(::geteuid());
  return entry != nullptr ? entry->pw_name : std::to_string(::geteuid());
}

std::string own_path() {
  char path[4096];
  const ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
  return size > 0 ? std::string(path, static_cast<std::size_t>(size)) : "";
}

std::string variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value != nullptr ? value : "";
}

}  // namespace

int main(int argc, char** argv) {
  cli::DescriptorSource in(STDIN_FILENO, "standard input");
  cli::DescriptorSink out(STDOUT_FILENO, "standard output");
  cli::DescriptorSink err(STDERR_FILENO, "standard error");
  cli::World world{.arguments = {argv + (argc > 0 ? 1 : 0), argv + argc},
                   .in = in,
                   .out = out,
                   .err = err,
                   .err_is_terminal = ::isatty(STDERR_FILENO) == 1,
                   .now = std::chrono::steady_clock::now,
                   .wall_now = std::chrono::system_clock::now,
                   .program = own_path(),
                   .user = user_name(),
                   .environment = variable,
                   .pid = ::getpid()};
  return cli::run(world);
}
