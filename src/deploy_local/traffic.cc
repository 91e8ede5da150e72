#include "deploy_local/traffic.h"

#include <algorithm>

namespace deploy_local {
namespace {

using Shares = std::map<std::string, std::int64_t>;

std::int64_t sum_of(const Shares& shares) {
  std::int64_t sum = 0;
  for (const auto& [deployment, share] : shares) sum += share;
  return sum;
}

// To 100 in all: what rounding leaves goes to the largest.
Shares to_percents(const Shares& shares) {
  const std::int64_t all = sum_of(shares);
  Shares percents;
  for (const auto& [deployment, share] : shares) percents[deployment] = share * 100 / all;
  const auto largest =
      std::max_element(percents.begin(), percents.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  largest->second += 100 - sum_of(percents);
  return percents;
}

}  // namespace

Shares share_traffic(const Shares& wanted, const std::vector<Replica>& replicas) {
  Shares ready;
  Shares leaving;
  for (const Replica& each : replicas) {
    if (each.phase != Phase::Ready) continue;
    const auto at = wanted.find(each.deployment);
    if (at != wanted.end()) {
      ready[each.deployment] = at->second;
    } else {
      leaving[each.deployment] = 1;
    }
  }
  if (sum_of(ready) > 0) return to_percents(ready);
  if (sum_of(leaving) > 0) return to_percents(leaving);
  return wanted;
}

}  // namespace deploy_local
