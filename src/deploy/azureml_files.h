#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "deploy/endpoint_spec.h"

namespace deploy {

// One YAML file as it is given to `az ml online-endpoint create` or `online-deployment create`.
struct NamedText {
  std::string file;  // Stands in messages and notes.
  std::string text;
};

struct AzureEndpoint {
  EndpointSpec spec;
  // What the files say that an endpoint here does not have, and what to do instead:
  // `blue.yml: "app_insights_enabled" has no counterpart: ...`
  std::vector<std::string> notes;
};

// Whether a file is in Azure ML's form rather than an `endpoint.yaml`.
bool is_azureml(std::string_view text);

// Reads one endpoint file and any number of deployment files (managed or Kubernetes online), in any
// order, into one spec. A deployment's `endpoint_name`, where given, must be the endpoint's name.
// Keys that Azure's schemas do not have are refused with a suggestion; everything else that has no
// counterpart is left out and noted. A deployment whose model is a path serves
// `<endpoint>@<deployment>`, and the note says how to register it so.
base::Result<AzureEndpoint> parse_azureml(std::span<const NamedText> files);

}  // namespace deploy
