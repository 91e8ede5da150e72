#pragma once

#include "base/result.h"
#include "config/yaml.h"
#include "engine/settings.h"

namespace model {

// Reads what stands under `engine` in a sooth.yaml. Refuses a precision that the provider has no
// way to compute in, and one below fp32 whose owner does not say how far answers may move.
base::Result<engine::Settings> read_engine(const config::YamlMap& map);

}  // namespace model
