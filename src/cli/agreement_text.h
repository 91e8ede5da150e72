#pragma once

#include <string>

#include "model/agreement.h"

namespace cli {

// How far a network on its provider is from the runtime's own kernels, in indented lines.
std::string agreement_text(const model::Agreement& agreement);

}  // namespace cli
