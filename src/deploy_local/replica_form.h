#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "deploy/endpoint_spec.h"
#include "deploy_local/decide.h"
#include "deploy_local/desired.h"

namespace deploy_local {

// What a replica finds on this machine.
struct Place {
  std::string workspace;  // Folder.
  std::string keys_file;
  std::int64_t processors = 1;
};

// How a replica is called: `sooth serve ...`. Two that are called alike are of one form, and an
// update replaces those of another.
struct ReplicaForm {
  std::vector<std::string> arguments;
  std::vector<std::string> environment;  // "NAME=value"
  Moment start_time_max{};
  Moment stop_time_max{};

  std::string text() const;
};
ReplicaForm form_of(const Desired& desired, const deploy::DeploymentSpec& deployment,
                    const Place& place);

}  // namespace deploy_local
