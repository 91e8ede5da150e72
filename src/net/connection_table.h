#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

#include <boost/asio/ip/address.hpp>

#include "threads/guarded.h"

namespace net {

// Counts open connections, in all and for each source: an IPv4 address or an IPv6 /64 network,
// which is what one customer gets. Any thread may call it.
class ConnectionTable {
 public:
  enum class Entry : unsigned char {
    Served,
    Refused,  // Over a limit, but there is room to say so.
    Dropped,
  };
  using Source = std::pair<std::uint64_t, bool>;  // Network number, and whether it is IPv6.

  ConnectionTable(std::size_t connections_max, std::size_t per_source_max)
      : connections_max_(connections_max), per_source_max_(per_source_max) {}

  static Source source_of(const boost::asio::ip::address& address);

  // What is Served or Refused is counted until leave().
  Entry enter(const Source& source);
  void leave(const Source& source, Entry entry);

  std::size_t served() const { return state_.lock()->served; }

 private:
  struct State {
    std::size_t served = 0;
    std::size_t refused = 0;
    std::map<Source, std::size_t> by_source;
  };
  const std::size_t connections_max_;
  const std::size_t per_source_max_;
  mutable threads::Guarded<State> state_;
};

}  // namespace net
