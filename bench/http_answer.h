#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What the load generators know of HTTP/1.1.

namespace bench {

// Seconds of the monotonic clock.
double now();

struct Answer {
  int status = 0;
  std::string_view body;
  bool closes = false;
};

// Nothing while it is not all there. Understands Content-Length only.
std::optional<Answer> parse_answer(std::string_view bytes);

// A POST of JSON for each line of a file of bodies; of a folder, a POST of each of its files as
// they are, in the order of their names.
std::vector<std::string> read_requests(const std::string& path, const std::string& bodies);

}  // namespace bench
