#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "deploy_local/decide.h"

namespace deploy_local {

// How many of 100 new connections each deployment gets now. Those that are wanted and ready share
// what is wanted for all; where none of them is, those that are on their way out and still ready
// do; where nothing is ready it is as wanted, and connections wait.
std::map<std::string, std::int64_t> share_traffic(const std::map<std::string, std::int64_t>& wanted,
                                                  const std::vector<Replica>& replicas);

}  // namespace deploy_local
