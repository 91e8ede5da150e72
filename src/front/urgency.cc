#include "front/urgency.h"

#include <algorithm>
#include <string_view>

namespace front {
namespace {

constexpr char kLowFrom = '5';
constexpr char kUrgencyMax = '7';

// The last member of that key counts, as in every dictionary of structured fields.
bool says_low(std::string_view members) {
  constexpr std::string_view kKey = "u=";
  bool low = false;
  while (!members.empty()) {
    const std::size_t comma = std::min(members.find(','), members.size());
    std::string_view member = members.substr(0, comma);
    members.remove_prefix(std::min(comma + 1, members.size()));
    member.remove_prefix(std::min(member.find_first_not_of(" \t"), member.size()));
    if (!member.starts_with(kKey)) continue;
    member.remove_prefix(kKey.size());
    member = member.substr(0, member.find_first_of("; \t"));
    low = member.size() == 1 && member[0] >= kLowFrom && member[0] <= kUrgencyMax;
  }
  return low;
}

}  // namespace

serve::Priority priority_of(const net::RequestHead& head) {
  const auto field = head.header("priority");
  return field && says_low(*field) ? serve::Priority::Low : serve::Priority::Normal;
}

}  // namespace front
