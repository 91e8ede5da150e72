#pragma once

#include "contract/route.h"
#include "net/exchange.h"
#include "serve/loader.h"

namespace front {

// Loading and unloading endpoints by request: read here, done by the loader on its own thread, and
// answered from there. Null: there is nothing that loads. Precondition: the request may do it.
void manage(const contract::Route& route, serve::Loader* loader, net::Exchange& exchange);

}  // namespace front
