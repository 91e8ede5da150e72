#include "deploy_kubernetes/json_text.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "base/text.h"

namespace deploy_kubernetes {
namespace {

// The deepest nesting of brackets outside of texts.
std::size_t depth_of(std::string_view text) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_text) {
      if (c == '\\') ++i;
      if (c == '"') in_text = false;
    } else if (c == '"') {
      in_text = true;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

}  // namespace

base::Result<nlohmann::json> parse_json(std::string_view what, std::string_view text) {
  if (text.size() > kJsonBytesMax) {
    return base::Error(base::Code::Exhausted, fmt::format("{}: expected at most {}, got {}", what,
                                                          base::human_bytes(kJsonBytesMax),
                                                          base::human_bytes(text.size())));
  }
  if (depth_of(text) > kJsonDepthMax) {
    return base::Error(base::Code::Invalid,
                       fmt::format("{}: expected at most {} levels of JSON", what, kJsonDepthMax));
  }
  nlohmann::json value = nlohmann::json::parse(text, nullptr, false);
  if (value.is_discarded()) {
    return base::Error(base::Code::Invalid, fmt::format("{}: expected JSON, got {}", what,
                                                        base::quote(text.substr(0, 120))));
  }
  return value;
}

}  // namespace deploy_kubernetes
