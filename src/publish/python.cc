#include "publish/python.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "threads/process.h"

namespace publish {
namespace {

using base::Code;
using base::Error;

base::Result<std::string> find_python(const PythonOptions& options) {
  if (options.program.find('/') != std::string::npos) return options.program;
  if (auto found = threads::find_program(options.program, options.search_path)) return *found;
  return Error(Code::NotFound, fmt::format("{}: expected a Python of that name in PATH, got none",
                                           base::quote(options.program)));
}

// A Python finds the packages of its virtual environment by the name that it was started by, which
// it looks for in PATH: so the folder that it lies in comes first there.
std::vector<std::string> environment_of(const PythonOptions& options, const std::string& python) {
  std::vector<std::string> environment;
  std::string path;
  for (const std::string& each : options.environment) {
    if (each.starts_with("PATH=")) {
      path = each.substr(4);
      path.front() = ':';
    } else {
      environment.push_back(each);
    }
  }
  std::error_code problem;
  const auto folder = std::filesystem::absolute(python, problem).parent_path();
  environment.push_back("PATH=" + folder.string() + path);
  return environment;
}

// The last line that says something.
std::string last_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

}  // namespace

base::Result<std::string> run_python(const PythonOptions& options, PythonCall call) {
  TRY_ASSIGN(const std::string python, find_python(options));
  TRY_ASSIGN(threads::ProcessOutcome outcome,
             threads::run_process({.program = python,
                                   .arguments = {"-c", std::string(call.script)},
                                   .environment = environment_of(options, python),
                                   .input = std::move(call.input),
                                   .output_bytes_max = call.output_bytes_max},
                                  options.deadline));
  if (outcome.status != 0) {
    return Error(Code::Unavailable, fmt::format("{}: expected {}, got exit status {}: {}",
                                                base::quote(python), call.expected, outcome.status,
                                                base::quote(last_line(outcome.errors))));
  }
  return std::move(outcome.output);
}

std::string name_versions(const nlohmann::json& versions) {
  std::string python;
  std::string packages;
  for (const nlohmann::json& each : versions) {
    const std::string text =
        fmt::format("{} {}", each.at(0).get<std::string>(), each.at(1).get<std::string>());
    if (python.empty()) {
      python = text;
    } else {
      packages += (packages.empty() ? "" : " and ") + text;
    }
  }
  return packages.empty() ? python : packages + " under " + python;
}

}  // namespace publish
