#pragma once

#include <cstddef>
#include <functional>
#include <stop_token>

#include "base/result.h"

namespace threads {

// Does one of several things; may end early, with any error, once `stop` is requested.
using ParallelWork =
    std::function<base::Result<void>(std::size_t index, const std::stop_token& stop)>;

// Calls work(0) to work(count - 1), at most `parallel` at once, on the caller's thread among
// others, and waits for all that were begun. After the first error none is begun and `stop` is
// requested; that error is the outcome. For work that waits for a network or a disk: the threads
// are started anew.
base::Result<void> in_parallel(std::size_t count, std::size_t parallel, const ParallelWork& work);

}  // namespace threads
