#include "net/connection_table.h"

namespace net {
namespace {

// Connections that are held just long enough to read a refusal.
constexpr std::size_t kRefusedMax = 64;

}  // namespace

ConnectionTable::Source ConnectionTable::source_of(const boost::asio::ip::address& address) {
  if (address.is_v4()) return {address.to_v4().to_uint(), false};
  const auto v6 = address.to_v6();
  const auto bytes = v6.to_bytes();
  if (v6.is_v4_mapped()) {
    return {boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, v6).to_uint(), false};
  }
  std::uint64_t network = 0;
  for (std::size_t i = 0; i < 8; ++i) network = network << 8 | bytes[i];
  return {network, true};
}

ConnectionTable::Entry ConnectionTable::enter(const Source& source) {
  auto state = state_.lock();
  const auto at = state->by_source.find(source);
  const std::size_t of_source = at == state->by_source.end() ? 0 : at->second;
  if (state->served < connections_max_ && of_source < per_source_max_) {
    ++state->served;
    ++state->by_source[source];
    return Entry::Served;
  }
  if (state->refused == kRefusedMax) return Entry::Dropped;
  ++state->refused;
  return Entry::Refused;
}

void ConnectionTable::leave(const Source& source, Entry entry) {
  auto state = state_.lock();
  if (entry == Entry::Refused) --state->refused;
  if (entry != Entry::Served) return;
  --state->served;
  const auto at = state->by_source.find(source);
  if (--at->second == 0) state->by_source.erase(at);
}

}  // namespace net
