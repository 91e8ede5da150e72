#pragma once

namespace threads {

// For work that no request waits for: where processors are short, this thread and those that it
// starts get a tenth of what others get, and all of one that is free. A wish: where the process has
// a policy that somebody chose for it (real time, batch, idle), nothing changes.
void give_way();

}  // namespace threads
