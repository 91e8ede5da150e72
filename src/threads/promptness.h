#pragma once

namespace threads {

// For a thread that does little at a time and that somebody waits for: where processors are short,
// this thread runs as soon as it can instead of when another has had its turn, and gives way as
// soon, so that its share is that of any other. A wish: where the process has a policy that
// somebody chose for it, or the kernel knows no turns of their own (before Linux 6.12), nothing
// changes.
void be_prompt();

}  // namespace threads
