#pragma once

#include "base/result.h"
#include "config/yaml.h"
#include "model/recipe.h"

namespace model {

// Reads what stands under `image` in a sooth.yaml.
base::Result<Image> read_image(const config::YamlMap& map);

}  // namespace model
