#pragma once

#include <optional>
#include <string_view>

#include "base/files.h"
#include "base/result.h"
#include "model/agreement.h"
#include "scorer/golden.h"
#include "scorer/scorer.h"

namespace engine {
class Loader;
}

namespace publish {

// Where the recipe of `plain`, whose answers the golden rows hold, asks for another provider than
// the runtime's own kernels: loads the model so, has it answer them too, and says how far the two
// are apart. Nothing where it asks for none. Conflict beyond the owner's bound, with the figures;
// Unsupported where this machine has no such provider, since then nobody could say.
base::Result<std::optional<model::Agreement>> prove_agreement(const base::Files& files,
                                                              const scorer::Scorer& plain,
                                                              const scorer::Golden& golden,
                                                              const engine::Loader* networks);

}  // namespace publish
