#pragma once

#include <string_view>

#include "base/result.h"
#include "config/yaml.h"

namespace config {

// Reads one YAML document into a tree, within the limits that YamlNode names. The root is a map
// or null.
base::Result<YamlNode> parse_yaml_tree(std::string_view file, std::string_view text);

}  // namespace config
