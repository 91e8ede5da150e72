#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "base/result.h"
#include "threads/guarded.h"

namespace net {

// Looks host names up with a deadline, which the system's resolver does not have: it runs in a
// thread of its own, and one that takes too long is left behind. At most kLookupsMax are out at
// once. Any thread may call it.
class Resolver {
 public:
  static constexpr int kLookupsMax = 16;
  using Deadline = std::chrono::steady_clock::time_point;
  using Cancelled = std::function<bool()>;  // Asked while waiting; may be empty.

  Resolver();

  // `host` is a name or an address. "localhost" is the loopback addresses, whatever the system
  // says: plain http is spoken with it. NotFound: there is no such name.
  base::Result<std::vector<boost::asio::ip::address>> resolve(const std::string& host,
                                                              Deadline deadline,
                                                              const Cancelled& cancelled = {});

 private:
  struct Out {
    threads::Guarded<int> count;
  };
  const std::shared_ptr<Out> out_;  // Shared with the lookups, which may outlive this.
};

}  // namespace net
