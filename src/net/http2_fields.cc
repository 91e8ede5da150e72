#include "net/http2_fields.h"

#include <algorithm>
#include <array>

#include "net/request.h"

namespace net {
namespace {

bool speaks_of_a_connection(std::string_view name) {
  constexpr std::array<std::string_view, 5> kNames = {
      "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"};
  return std::any_of(kNames.begin(), kNames.end(),
                     [&](std::string_view each) { return same_name(each, name); });
}

std::string_view without_spaces(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
}

}  // namespace

void Http2Fields::add(std::string_view name, std::string_view value) {
  fields_.push_back({bytes_of(name), bytes_of(value), name.size(), value.size(),
                     static_cast<std::uint8_t>(NGHTTP2_NV_FLAG_NONE)});
}

void Http2Fields::add_block(std::string_view block) {
  while (!block.empty()) {
    const std::size_t end = std::min(block.find("\r\n"), block.size());
    const std::string_view line = block.substr(0, end);
    block.remove_prefix(std::min(end + 2, block.size()));
    const std::size_t colon = std::min(line.find(": "), line.size());
    const std::string_view name = line.substr(0, colon);
    if (name.empty() || speaks_of_a_connection(name)) continue;
    add(name, without_spaces(line.substr(std::min(colon + 2, line.size()))));
  }
}

}  // namespace net
