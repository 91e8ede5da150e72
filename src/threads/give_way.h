#pragma once

namespace threads {

// How much less of a processor a thread gets than others of its group, where there are too few.
// Linux shares processors out between groups first (containers, and sessions and services where it
// makes groups of them), so what runs beside the server in groups of its own does not come first.
enum class Way {
  OfWork,        // A 28th: who reads requests and answers those that cost little comes first.
  OfBackground,  // A 45th: no request waits for it.
};

// So much less for this thread and those that it starts; of a processor that is free they get all.
// A wish: where the process has a policy that somebody chose for it (real time, batch, idle),
// nothing changes.
void give_way(Way way);

}  // namespace threads
