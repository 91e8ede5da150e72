#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "config/yaml.h"
#include "deploy/endpoint_keys.h"
#include "deploy/quantity.h"

namespace deploy {

// One map of the file and the rows of the table that say what may stand in it. Every value comes
// out within its bounds, or as its default where the file does not say it. Asking for a key that
// the table does not have is a defect and terminates.
class Section {
 public:
  // Refuses keys that are not in the table. The table outlives the section.
  static base::Result<Section> open(config::YamlMap map, std::span<const Key> keys);

  bool has(std::string_view name) const { return map_.has(name); }

  base::Result<std::string> text(std::string_view name) const;      // Name, Version, Text, Choice
  base::Result<std::int64_t> integer(std::string_view name) const;  // Int, Seconds
  base::Result<Cpu> cpu(std::string_view name) const;
  base::Result<Memory> memory(std::string_view name) const;
  base::Result<std::vector<std::int64_t>> ports(std::string_view name) const;
  base::Result<std::map<std::string, std::string>> texts(std::string_view name) const;  // Labels,
                                                                                        // Variables
  // Of a key that is not there: an empty one, in which everything has its default.
  base::Result<Section> section(std::string_view name) const;
  // Of Secrets and Sections, in the order of the file.
  base::Result<std::vector<std::pair<std::string, Section>>> sections(std::string_view name) const;

  const config::YamlMap& map() const { return map_; }
  // `file:line:column: key "cpu": problem`
  base::Error error(std::string_view name, std::string_view problem) const;

 private:
  Section(config::YamlMap map, std::span<const Key> keys) : map_(std::move(map)), keys_(keys) {}

  base::Result<std::string> scalar(const Key& key) const;
  base::Result<config::YamlMap> entries(const Key& key) const;

  config::YamlMap map_;
  std::span<const Key> keys_;
};

// The value of a duration such as "5 min" in seconds; nothing where it is none, or not whole.
std::optional<std::int64_t> parse_seconds(std::string_view text);

// Kubernetes' grammar of labels.
bool is_label_key(std::string_view key);
bool is_label_value(std::string_view value);
// [A-Za-z_][A-Za-z0-9_]*, at most kVariableNameMax.
bool is_variable_name(std::string_view name);
// UTF-8 without zero bytes, at most kVariableBytesMax.
bool is_variable_value(std::string_view value);

}  // namespace deploy
