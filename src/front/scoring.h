#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "contract/route.h"
#include "serve/endpoint.h"

namespace front {

// Decodes the body in the route's form, scores it with the endpoint's deployment and writes the
// answer behind `out`. Allocates nothing for `/score` once the deployment is warm. Precondition:
// route.is_post().
base::Result<void> score(const contract::Route& route, serve::Endpoint& endpoint,
                         std::string_view body, std::string& out);

// About how long it will take, in microseconds, judged by the size of the body alone.
double estimate_us(const serve::Endpoint& endpoint, std::size_t body_bytes);

}  // namespace front
