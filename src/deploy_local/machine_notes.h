#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "deploy/endpoint_spec.h"

namespace deploy_local {

// What the endpoint file asks for and processes on one machine cannot give, although they can
// serve: one sentence each. What is as by default is not spoken of.
std::vector<std::string> machine_notes(const deploy::EndpointSpec& spec);

// Invalid where a deployment cannot run here as it is meant: with secrets, which nobody keeps here.
base::Result<void> check_for_machine(const deploy::EndpointSpec& spec);

}  // namespace deploy_local
