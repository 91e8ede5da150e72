#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/option.h"
#include "front/front.h"

namespace cli {

// The limits of `sooth serve` that its front keeps: how often who is heard, and how deep JSON may
// be nested.
std::vector<std::span<const config::Option>> front_limit_tables();

// Puts what the flags say, by name, into the front's options. Behind a proxy all clients have its
// address, so that sources are limited only where a flag asks for it.
base::Result<void> apply_front_limits(const std::map<std::string, std::string>& flags,
                                      bool behind_proxy, front::Front::Options& options);

}  // namespace cli
