#pragma once

#include <functional>

#include "base/result.h"

namespace engine_onnx {

// Runs `make` on a thread that gives way as those do that answer requests, and waits for it: the
// threads that it starts, which compute in their place, then give way as well. Exhausted where
// there is no thread to be had.
base::Result<void> run_on_work_thread(const std::function<base::Result<void>()>& make);

}  // namespace engine_onnx
