#pragma once

#include <chrono>
#include <functional>
#include <string_view>

#include "auth/key_set.h"
#include "base/result.h"
#include "front/permission.h"
#include "net/request.h"
#include "telemetry/metrics.h"
#include "threads/snapshot.h"

namespace front {

// Stands at the door: lets a request in if its credential permits what its route asks for. Costs
// one hash at most. Without keys everybody is let in; such a server listens on loopback only.
//   sooth_keys_refused_total{reason}: missing, unclear, not_accepted, not_permitted
// Any thread may ask.
class Guard {
 public:
  using Keys = threads::Snapshot<auth::KeySet>;
  using WallClock = std::function<std::chrono::system_clock::time_point()>;

  // `keys` may be null, and outlives the guard, as do the metrics.
  Guard(const Keys* keys, WallClock wall_now, telemetry::Metrics& metrics);

  bool asks_for_keys() const { return keys_ != nullptr; }

  // `endpoint` is the name of the one that is asked for, or auth::kEveryEndpoint for what belongs
  // to none. Unauthenticated or Denied, with a message for the client.
  base::Result<void> admit(Permission permission, std::string_view endpoint,
                           const net::RequestHead& head) const;

 private:
  const Keys* const keys_;
  const WallClock wall_now_;
  telemetry::Counter& missing_;
  telemetry::Counter& unclear_;
  telemetry::Counter& not_accepted_;
  telemetry::Counter& not_permitted_;
};

// The public id of the key in a head that was admitted; "" where there is none.
std::string_view key_id_of(const net::RequestHead& head);

}  // namespace front
