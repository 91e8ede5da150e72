// Arrays of numbers, beside nlohmann's parser, which asks strtod: what the one reads the other
// reads too, as the same numbers.
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "table/json_numbers.h"

namespace {

using Numbers = std::optional<std::vector<double>>;

Numbers read_by_nlohmann(std::string_view text) {
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_array()) return std::nullopt;
  std::vector<double> numbers;
  for (const nlohmann::json& each : json) {
    if (!each.is_number()) return std::nullopt;
    numbers.push_back(each.get<double>());
  }
  return numbers;
}

bool are_same(const std::vector<double>& some, const std::vector<double>& others) {
  if (some.size() != others.size()) return false;
  for (std::size_t i = 0; i < some.size(); ++i) {
    // An integer of nlohmann's has no -0.
    if (some[i] == 0 && others[i] == 0) continue;
    if (std::bit_cast<std::uint64_t>(some[i]) != std::bit_cast<std::uint64_t>(others[i])) {
      return false;
    }
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = text.find_first_of("]}");
  // One array and nothing else, so that both read to the same end.
  if (text.empty() || text.front() != '[' || end == std::string::npos) return 0;
  text.resize(end + 1);
  const Numbers expected = read_by_nlohmann(text);
  text.append(table::kPlainNumberBytes, '7');
  std::vector<double> numbers;
  const bool read = table::read_numbers(text.data(), [&](double number) {
    numbers.push_back(number);
    return true;
  });
  const bool expects_numbers = expected && !expected->empty();
  if (read != expects_numbers || (read && !are_same(numbers, *expected))) std::abort();
  return 0;
}
