#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

#include "base/result.h"

// How this room reads JSON that came from outside. Private to it.

namespace auth {

// The object that `text` is: UTF-8 without a mark in front, nothing behind it, no name twice in any
// object, which a tree of values cannot show, and at most `depth_max` objects and arrays in each
// other. `what` names it in the error.
base::Result<nlohmann::json> read_document(std::string_view text, std::string_view what,
                                           int depth_max);

// The value under a name; null where there is none.
inline const nlohmann::json* find_member(const nlohmann::json& object, const char* name) {
  const auto at = object.find(name);
  return at == object.end() ? nullptr : &*at;
}

// The text under a name; null where there is none, or something else.
inline const std::string* find_text(const nlohmann::json& object, const char* name) {
  const nlohmann::json* const value = find_member(object, name);
  return value == nullptr ? nullptr : value->get_ptr<const std::string*>();
}

}  // namespace auth
