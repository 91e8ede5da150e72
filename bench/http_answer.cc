#include "http_answer.h"

#include <strings.h>

#include <charconv>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include <fmt/format.h>

namespace bench {
namespace {

std::optional<std::string_view> find_header(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos;
       at = head.find("\r\n", at + 2)) {
    const std::string_view line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    if (line.size() <= name.size() || line[name.size()] != ':') continue;
    if (strncasecmp(line.data(), name.data(), name.size()) != 0) continue;
    const std::size_t value = line.find_first_not_of(' ', name.size() + 1);
    return value == std::string_view::npos ? "" : line.substr(value);
  }
  return std::nullopt;
}

std::string post(std::string_view path, std::string_view type, std::string_view body) {
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}",
      path, type, body.size(), body);
}

}  // namespace

double now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

std::optional<Answer> parse_answer(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos || end < 12) return std::nullopt;
  const std::string_view head = bytes.substr(0, end);
  Answer answer;
  std::from_chars(head.data() + 9, head.data() + 12, answer.status);
  std::size_t length = 0;
  if (const auto value = find_header(head, "content-length"))
    std::from_chars(value->data(), value->data() + value->size(), length);
  if (bytes.size() < end + 4 + length) return std::nullopt;
  answer.body = bytes.substr(end + 4, length);
  const auto connection = find_header(head, "connection");
  answer.closes = connection && strncasecmp(connection->data(), "close", 5) == 0;
  return answer;
}

std::vector<std::string> read_requests(const std::string& path, const std::string& bodies) {
  std::vector<std::string> requests;
  if (std::filesystem::is_directory(bodies)) {
    const std::filesystem::directory_iterator entries(bodies);
    const std::set<std::filesystem::path> files(begin(entries), end(entries));
    for (const auto& each : files) {
      std::ifstream file(each, std::ios::binary);
      const std::string body((std::istreambuf_iterator<char>(file)),
                             std::istreambuf_iterator<char>());
      requests.push_back(post(path, "application/octet-stream", body));
    }
    return requests;
  }
  std::ifstream file(bodies);
  for (std::string body; std::getline(file, body);) {
    requests.push_back(post(path, "application/json", body));
  }
  return requests;
}

}  // namespace bench
