#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "config/yaml.h"

namespace model {

// Values of a recipe's keys. A key that is not there leaves the value as it is.

// A text that is not empty.
base::Result<void> read_text(const config::YamlMap& map, std::string_view key, std::string& value);
// A file beneath the model's folder; whoever opens it keeps it there whatever it says.
base::Result<void> read_file_name(const config::YamlMap& map, std::string_view key,
                                  std::string& value);

}  // namespace model
