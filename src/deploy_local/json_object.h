#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/result.h"

namespace deploy_local {

// One object of a state file, read strictly: every value has its type and its bounds, or the error
// says which has not. Private to this room.
class JsonObject {
 public:
  // Corrupt where it is no JSON object; Exhausted past `bytes_max`. Nesting is bounded.
  static base::Result<JsonObject> parse(std::string_view file, std::string_view text,
                                        std::size_t bytes_max);
  JsonObject(std::string name, nlohmann::ordered_json value)
      : name_(std::move(name)), value_(std::move(value)) {}

  const std::string& name() const { return name_; }
  bool has(const char* key) const { return value_.contains(key); }

  base::Result<std::int64_t> integer(const char* key, std::int64_t min, std::int64_t max) const;
  base::Result<bool> truth(const char* key) const;
  base::Result<std::string> text(const char* key, std::size_t bytes_max) const;
  base::Result<nlohmann::ordered_json> object(const char* key) const;
  base::Result<nlohmann::ordered_json> list(const char* key, std::size_t count_max) const;

  base::Error error(const char* key, std::string_view expected) const;

 private:
  std::string name_;
  nlohmann::ordered_json value_;
};

}  // namespace deploy_local
