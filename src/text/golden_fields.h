#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace text {

// The fields of one line of a golden file of this room: separated by tabs, with \\, \t, \n and \r
// for what would break a line. For tests alone.
inline std::vector<std::string> golden_fields(std::string_view line) {
  std::vector<std::string> out(1);
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\t') {
      out.emplace_back();
    } else if (line[i] == '\\' && i + 1 < line.size()) {
      const char c = line[++i];
      out.back() += c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : c;
    } else {
      out.back() += line[i];
    }
  }
  return out;
}

}  // namespace text
