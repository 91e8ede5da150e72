#pragma once

#include <string>

namespace oci {

// The text under a key of a JSON object, whichever of nlohmann's types it has; "" where there is
// none, or something else. Private to this room.
template <typename Json>
std::string text_at(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->template get<std::string>() : std::string();
}

}  // namespace oci
