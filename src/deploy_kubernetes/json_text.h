#pragma once

#include <cstddef>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/result.h"

namespace deploy_kubernetes {

constexpr std::size_t kJsonBytesMax = std::size_t{64} << 20U;
constexpr std::size_t kJsonDepthMax = 100;

// What an API server answered, as JSON. Refuses what is longer than kJsonBytesMax or nested deeper
// than kJsonDepthMax, so that whoever walks, copies or writes the value cannot run out of stack.
// `what` stands in messages: "pods".
base::Result<nlohmann::json> parse_json(std::string_view what, std::string_view text);

}  // namespace deploy_kubernetes
