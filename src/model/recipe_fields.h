#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/result.h"
#include "base/text.h"
#include "config/yaml.h"

namespace model {

// Values of a recipe's keys. A key that is not there leaves the value as it is.

// A text that is not empty.
base::Result<void> read_text(const config::YamlMap& map, std::string_view key, std::string& value);
// A file beneath the model's folder; whoever opens it keeps it there whatever it says.
base::Result<void> read_file_name(const config::YamlMap& map, std::string_view key,
                                  std::string& value);

// One of a few words.
template <typename T>
struct Word {
  std::string_view word;
  T value;
};
template <typename T, std::size_t N>
base::Result<void> read_word(const config::YamlMap& map, std::string_view key,
                             const std::array<Word<T>, N>& words, T& value) {
  if (!map.has(key)) return {};
  TRY_ASSIGN(const std::string text, map.get_string(key));
  std::vector<std::string> known;
  for (const Word<T>& each : words) {
    if (each.word == text) {
      value = each.value;
      return {};
    }
    known.push_back(base::quote(each.word));
  }
  return map.error_at(key, fmt::format("{}: expected {}, got {}", base::quote(key),
                                       fmt::join(known, " or "), base::quote(text)));
}

}  // namespace model
