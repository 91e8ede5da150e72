#include "oci/registry_retry.h"

#include <algorithm>

#include "oci/registry_refusal.h"

namespace oci {

bool Retry::wait() {
  auto time = limits_.wait_min;
  for (int i = 0; i < failures_ && time < limits_.wait_max; ++i) time *= 2;
  return wait_for(std::min(time, limits_.wait_max));
}

bool Retry::wait(const net::HttpResponse& response) {
  const auto asked = retry_after(response);
  if (!asked) return wait();
  return *asked <= limits_.retry_after_max && wait_for(*asked);
}

bool Retry::wait_for(std::chrono::milliseconds time) {
  if (++failures_ >= limits_.attempts_max) return false;
  if (deadline_ - world_.now() <= time) return false;
  world_.sleep(time);
  return true;
}

base::Result<net::HttpResponse> send_with_retries(const RegistryWorld& world,
                                                  const RegistryOptions& options,
                                                  const net::HttpRequest& request) {
  Retry retry(world, options.retry, options.deadline);
  for (;;) {
    auto response = world.http.send(request, options.deadline);
    if (response.ok() ? !may_pass(*response) : !may_pass(response.error())) return response;
    if (response.ok() ? !retry.wait(*response) : !retry.wait()) return response;
  }
}

}  // namespace oci
