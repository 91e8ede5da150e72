#pragma once

#include <functional>

#include "base/bytes.h"
#include "base/result.h"

namespace oci {

// Where bytes go, one part after another. The part is only lent. After an error no more comes.
using Sink = std::function<base::Result<void>(base::Bytes)>;

}  // namespace oci
