#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "deploy_kubernetes/cluster_apis.h"

// What stands in a path never leaves it, whatever a server says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  deploy_kubernetes::ClusterApis apis;
  static_cast<void>(apis.add_version(text).ok());
  if (!apis.add(text).ok()) return 0;
  deploy_kubernetes::ClusterApis twice = apis;
  if (!twice.add(text).ok() || !(twice == apis)) std::abort();
  for (const std::string& name : apis.unresolved()) {
    if (name.find("..") == 0 || name.find_first_of("?#% \n") != std::string::npos) std::abort();
  }
  static_cast<void>(apis.path("apps/v1", "Deployment", "a"));
  return 0;
}
