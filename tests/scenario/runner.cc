// runner <program> <data folder> <scenario.txt>: runs the scenario's commands and compares.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

#include "scenario.h"

namespace {

namespace fs = std::filesystem;

// A folder of its own for the commands, removed at the end.
class Workplace {
 public:
  explicit Workplace(const fs::path& data) {
    std::string pattern = (fs::temp_directory_path() / "sooth-scenario.XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::exit(2);
    path_ = pattern;
    fs::create_directory_symlink(fs::absolute(data), path_ / "data");
  }
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;
  ~Workplace() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::vector<std::string> run(const std::string& command, const fs::path& folder) {
  {
    std::ofstream script(folder / ".command");
    script << "exec 2>&1\n" << command << "\n";
  }
  FILE* pipe = ::popen("sh ./.command", "r");
  if (pipe == nullptr) return {"(sh could not be started)"};
  std::string output;
  char chunk[4096];
  while (const std::size_t got = std::fread(chunk, 1, sizeof chunk, pipe))
    output.append(chunk, got);
  const int status = ::pclose(pipe);
  return scenario::output_lines(output,
                                WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

void print(std::string_view heading, const std::vector<std::string>& lines) {
  std::cout << heading << "\n";
  for (const std::string& line : lines) std::cout << "    " << line << "\n";
}

std::optional<std::string> read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: scenario_runner <program> <data folder> <scenario.txt>\n";
    return 2;
  }
  const fs::path program = fs::absolute(argv[1]);
  const fs::path file = fs::absolute(argv[3]);
  const auto text = read_file(file);
  if (!text) {
    std::cerr << "cannot read " << file << "\n";
    return 2;
  }
  scenario::Scenario wanted = scenario::parse(*text);
  const Workplace place{argv[2]};
  fs::current_path(place.path());
  const char* path = std::getenv("PATH");
  ::setenv("PATH", (program.parent_path().string() + ":" + (path ? path : "")).c_str(), 1);
  ::setenv("LC_ALL", "C", 1);

  std::size_t differing = 0;
  for (scenario::Step& step : wanted.steps) {
    auto got = run(step.command, place.path());
    if (scenario::matches(step.output, got)) continue;
    ++differing;
    std::cout << "$ " << step.command << "\n";
    print("  expected", step.output);
    print("  got", got);
    step.output = std::move(got);
  }
  fs::current_path("/");
  const char* accept = std::getenv("SOOTH_ACCEPT");
  if (differing > 0 && accept != nullptr && std::string_view(accept) == "1") {
    std::ofstream(file, std::ios::binary) << scenario::write(wanted);
    std::cout << "accepted\n";
    return 0;
  }
  return differing == 0 ? 0 : 1;
}
