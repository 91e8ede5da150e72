#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "contract/codec.h"
#include "contract/route.h"
#include "serve/deployment.h"

namespace front {

// How long the parts of scoring one request took.
struct Times {
  std::chrono::nanoseconds decode{};
  std::chrono::nanoseconds compute{};
  std::chrono::nanoseconds encode{};
};

using Now = std::function<std::chrono::steady_clock::time_point()>;

// What is asked meanwhile: the time, and between the parts of long work whether it has ended; null:
// it has not.
struct Meanwhile {
  const Now& now;
  const serve::Ended& ended;
};

// Decodes the request in its form, scores it with the deployment and writes the answer behind
// out.body; `rows` is how many it had. Allocates nothing for `/score` once the deployment is warm.
struct Scoring {
  Times times;
  std::size_t rows = 0;
};
base::Result<void> score(contract::Form form, const serve::Deployment& deployment,
                         const contract::Incoming& in, contract::Outgoing& out,
                         const Meanwhile& meanwhile, Scoring& scoring);

}  // namespace front
