#include "cli/json_answer.h"

#include <nlohmann/json.hpp>

namespace cli {

base::Result<void> write_json(World& world, const nlohmann::ordered_json& body) {
  return world.out.write(
      body.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

}  // namespace cli
