#pragma once

namespace cli {

// A log whose reader has left or whose file may grow no more is no reason to end: what cannot be
// written is lost, and requests are answered. For the whole process, from now on.
void outlive_unwritable_logs();

}  // namespace cli
