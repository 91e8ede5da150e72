#pragma once

namespace threads {

// How much less of a processor a thread gets than others, where there are too few.
enum class Way {
  OfWork,        // A third: who reads requests and answers those that cost little comes first.
  OfBackground,  // A tenth: no request waits for it.
};

// So much less for this thread and those that it starts; of a processor that is free they get all.
// A wish: where the process has a policy that somebody chose for it (real time, batch, idle),
// nothing changes.
void give_way(Way way);

}  // namespace threads
