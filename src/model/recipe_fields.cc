#include "model/recipe_fields.h"

#include <fmt/format.h>

#include "base/text.h"

namespace model {

base::Result<void> read_text(const config::YamlMap& map, std::string_view key, std::string& value) {
  if (!map.has(key)) return {};
  TRY_ASSIGN(value, map.get_string(key));
  if (value.empty()) return map.error_at(key, fmt::format("{}: expected a text", base::quote(key)));
  return {};
}

base::Result<void> read_file_name(const config::YamlMap& map, std::string_view key,
                                  std::string& value) {
  TRY(read_text(map, key, value));
  if (value.starts_with('/') || value.find("..") != std::string::npos) {
    return map.error_at(key, fmt::format("{}: expected a file beneath the model's folder, got {}",
                                         base::quote(key), base::quote(value)));
  }
  return {};
}

}  // namespace model
