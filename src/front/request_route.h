#pragma once

#include "contract/route.h"
#include "front/options.h"
#include "net/request.h"

namespace front {

// What a request asks for, as its head says it: by its path, by the paths that a platform chose,
// and for some by what it accepts. A view of the head.
contract::Route route_of(const net::RequestHead& head, const FrontOptions& options);

}  // namespace front
