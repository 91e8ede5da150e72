#include "scenario.h"

#include <algorithm>

#include <fmt/format.h>

namespace scenario {
namespace {

constexpr std::string_view kAny = "[..]";

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

void trim(std::vector<std::string>& lines) {
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
}

}  // namespace

Scenario parse(std::string_view text) {
  Scenario scenario;
  std::vector<std::string> between;
  bool in_command = false;
  bool in_output = false;
  for (const std::string& line : split(text)) {
    if (line.starts_with("$ ")) {
      // Blank lines before a command belong to it rather than to the output above.
      if (!scenario.steps.empty()) trim(scenario.steps.back().output);
      scenario.steps.push_back({std::move(between), line.substr(2), {}});
      between.clear();
      in_command = in_output = true;
    } else if (in_command && line.starts_with("> ")) {
      scenario.steps.back().command += "\n" + line.substr(2);
    } else if (line.starts_with("## ") || !in_output) {
      in_command = in_output = false;
      between.push_back(line);
    } else {
      in_command = false;
      scenario.steps.back().output.push_back(line);
    }
  }
  if (!scenario.steps.empty()) trim(scenario.steps.back().output);
  for (Step& step : scenario.steps) trim(step.output);
  trim(between);
  scenario.after = std::move(between);
  return scenario;
}

std::string write(const Scenario& scenario) {
  std::string out;
  const auto put = [&](const std::vector<std::string>& lines) {
    for (const std::string& line : lines) out += line + "\n";
  };
  for (const Step& step : scenario.steps) {
    if (!out.empty()) out += "\n";
    put(step.before);
    std::string_view prompt = "$ ";
    for (const std::string& line : split(step.command)) {
      out += fmt::format("{}{}\n", prompt, line);
      prompt = "> ";
    }
    put(step.output);
  }
  if (!scenario.after.empty()) out += "\n";
  put(scenario.after);
  return out;
}

bool matches(std::string_view expected, std::string_view line) {
  const std::size_t any = expected.find(kAny);
  if (any == std::string_view::npos) return expected == line;
  if (!line.starts_with(expected.substr(0, any))) return false;
  const std::string_view rest = expected.substr(any + kAny.size());
  for (std::size_t at = any; at <= line.size(); ++at) {
    if (matches(rest, line.substr(at))) return true;
  }
  return false;
}

bool matches(const std::vector<std::string>& expected, const std::vector<std::string>& lines) {
  return std::equal(expected.begin(), expected.end(), lines.begin(), lines.end(),
                    [](const std::string& a, const std::string& b) { return matches(a, b); });
}

std::vector<std::string> output_lines(std::string_view output, int exit) {
  std::vector<std::string> lines = split(output);
  trim(lines);
  if (exit != 0) lines.push_back(fmt::format("[exit {}]", exit));
  return lines;
}

}  // namespace scenario
