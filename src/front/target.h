#pragma once

#include <memory>

#include "base/result.h"
#include "contract/route.h"
#include "net/request.h"
#include "serve/deployment.h"
#include "serve/endpoint.h"
#include "serve/loader.h"

namespace front {

// What a request is about, held until it is answered.
struct Target {
  std::shared_ptr<const serve::Endpoint> endpoint;
  std::shared_ptr<const serve::Deployment> deployment;
};

// The endpoint of a route, and of it the deployment that the path or a field asks for, or else
// whichever serves. NotFound, or Unavailable while the loader brings it; the loader may be null.
base::Result<Target> find_target(const contract::Route& route, const net::RequestHead& head,
                                 const serve::Endpoints& endpoints, const serve::Loader* loader);

}  // namespace front
