#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace scenario {

// A command and what it prints; between them remarks and blank lines.
struct Step {
  std::vector<std::string> before;  // Lines that are neither: kept as they are.
  std::string command;              // Its lines joined, without `$ ` and `> `.
  std::vector<std::string> output;
};

struct Scenario {
  std::vector<Step> steps;
  std::vector<std::string> after;
};

Scenario parse(std::string_view text);
// parse(write(s)) is s.
std::string write(const Scenario& scenario);

// Whether the line is what was expected of it, where "[..]" stands for any text.
bool matches(std::string_view expected, std::string_view line);
bool matches(const std::vector<std::string>& expected, const std::vector<std::string>& lines);

// The output as lines, with the exit status as the last where it is not 0. Blank lines at the end
// are left out.
std::vector<std::string> output_lines(std::string_view output, int exit);

}  // namespace scenario
