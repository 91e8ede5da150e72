#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/option.h"
#include "config/yaml.h"

namespace config {

// The values of one table of options: defaults, then what a YAML section and flags say. The
// table outlives it. Asking for an option that the table does not have, or as another type, is
// a defect and terminates.
class Settings {
 public:
  // Precondition: names are unique and every default is a valid value of its option.
  explicit Settings(std::span<const Option> options);

  // `sooth.yaml:7:11: unknown key "enigne"; did you mean "engine"?`
  base::Result<void> read(const YamlMap& section);
  // `--body-bytes-max: expected a size from 1 KiB to 1 GiB, got "x"`; `flag` with its dashes.
  base::Result<void> set(std::string_view flag, std::string_view text);

  bool boolean(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;
  double number(std::string_view name) const;
  const std::string& text(std::string_view name) const;
  const std::vector<std::string>& texts(std::string_view name) const;
  std::uint64_t bytes(std::string_view name) const;
  std::chrono::milliseconds duration(std::string_view name) const;

 private:
  const Value& value(std::string_view name, Type type) const;
  base::Result<Value> read_one(const Option& option, const YamlNode& node) const;

  std::span<const Option> options_;
  std::vector<Value> values_;  // In the order of the table.
};

// One entry for each option, for --help: flag, what it takes, default, sentence.
//   --header-bytes-max SIZE   Longest header block. (1 KiB to 1 MiB; default 16 KiB)
std::string help(std::span<const Option> options);

}  // namespace config
